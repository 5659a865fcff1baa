import { useEffect, useId, useRef, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { recall, remember } from "../../connection/device";
import { CallFailed } from "../../connection/live";
import type { Session } from "../../connection/session";
import { codeFromInput, codeProblem, nameProblem, trimmedName } from "../../model/forms";
import { limits } from "../../protocol/generated/limits";
import { useStore, useTitle } from "../hooks";
import { go } from "../navigation";
import { LanguageMenu } from "../shell/language-menu";
import { LinkNotice } from "../shell/link-notice";
import { Masthead } from "../shell/masthead";
import { Loading, Notice } from "../shell/notice";
import { Horizon } from "./horizon";

const sameCode = (a: string, b: string) => bareCode(a) === bareCode(b);
const bareCode = (code: string) => code.replace(/[\s-]/g, "").toUpperCase();

export function JoinPage({ session, code }: { session: Session; code: string }) {
  const { t } = useTranslation();
  const state = useStore(session.state);
  const [otherCode, setOtherCode] = useState(false);
  useTitle(t("join.title"));

  const seated = state.who === "somebody" && state.group !== null;
  const elsewhere = seated && code !== "" && !sameCode(code, session.code);
  const straightOn = seated && !elsewhere;
  useEffect(() => {
    if (straightOn) go({ page: "group" }, "replace");
  }, [straightOn]);

  const waits =
    straightOn || (state.who === "unknown" && session.token !== null && state.link.at !== "stopped");
  return (
    <div className="join-page">
      <Masthead>
        <LanguageMenu />
      </Masthead>
      <main className="join-main" id="main">
        <Horizon />
        <div className="join-card">
          <h1>{t("join.title")}</h1>
          <p className="tagline">{t("app.tagline")}</p>
          {state.ended !== null && (
            <Notice icon={state.ended === "left" ? "check" : "alert"}>
              {t(`join.ended.${state.ended}`)}
            </Notice>
          )}
          {state.who === "somebody" && state.group === null && <Notice>{t("join.noGroup")}</Notice>}
          {state.link.at !== "connecting" && <LinkNotice session={session} state={state} />}
          {waits ? (
            <Loading>{t("join.returning")}</Loading>
          ) : elsewhere && !otherCode ? (
            <AlreadySeated group={state.group.name} onOther={() => setOtherCode(true)} />
          ) : (
            <JoinForm session={session} code={code} />
          )}
        </div>
      </main>
    </div>
  );
}

function AlreadySeated({ group, onOther }: { group: string; onOther: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <p>{t("join.already", { group })}</p>
      <button className="button" onClick={() => go({ page: "group" })}>
        {t("join.goToGroup")}
      </button>
      <button className="button quiet" onClick={onOther}>
        {t("join.otherCode")}
      </button>
    </div>
  );
}

type Problem = { readonly at: "code" | "name" | "form"; readonly text: string } | null;

function JoinForm({ session, code: givenCode }: { session: Session; code: string }) {
  const { t } = useTranslation();
  const { link } = useStore(session.state);
  const [code, setCode] = useState(givenCode);
  const [name, setName] = useState(() => recall("name") ?? "");
  const [problem, setProblem] = useState<Problem>(null);
  const [joining, setJoining] = useState(false);
  const codeInput = useRef<HTMLInputElement>(null);
  const nameInput = useRef<HTMLInputElement>(null);
  const ids = useId();

  const complain = (what: Problem) => {
    setProblem(what);
    if (what?.at === "code") codeInput.current?.focus();
    if (what?.at === "name") nameInput.current?.focus();
  };

  const checked = (): Problem => {
    const ofCode = codeProblem(code);
    if (ofCode !== null)
      return { at: "code", text: t(ofCode === "empty" ? "join.error.codeEmpty" : "join.error.codeShape") };
    switch (nameProblem(name)) {
      case "empty":
        return { at: "name", text: t("join.error.nameEmpty") };
      case "too long":
        return { at: "name", text: t("join.error.nameLong", { count: limits.name }) };
      case "characters":
        return { at: "name", text: t("join.error.nameCharacters") };
      case null:
        return null;
    }
  };

  const refused = (failure: CallFailed): Problem => {
    switch (failure.kind) {
      case "not_found":
        return { at: "code", text: t("join.error.notFound") };
      case "full":
        return { at: "form", text: t("join.error.full") };
      case "rate_limited":
        return { at: "form", text: t("join.error.rateLimited") };
      case "store_unavailable":
        return { at: "form", text: t("join.error.storeUnavailable") };
      case "offline":
      case "timeout":
        return { at: "form", text: t("join.error.offline") };
      case "invalid_params":
        if (failure.field === "code") return { at: "code", text: t("join.error.codeShape") };
        if (failure.field === "name") return { at: "name", text: t("join.error.nameCharacters") };
        return { at: "form", text: t("join.error.other") };
      default:
        return { at: "form", text: t("join.error.other") };
    }
  };

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const wrong = checked();
    complain(wrong);
    if (wrong !== null) return;
    setJoining(true);
    remember("name", trimmedName(name));
    try {
      await session.join(code.trim(), trimmedName(name));
      go({ page: "group" });
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      complain(refused(failure));
    } finally {
      setJoining(false);
    }
  };

  const at = problem?.at;
  const busy = joining || link.at === "connecting";
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={`${ids}code`}>{t("join.code")}</label>
        <input
          id={`${ids}code`}
          ref={codeInput}
          className="code-input"
          data-testid="join-code"
          value={code}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="next"
          aria-invalid={at === "code"}
          aria-describedby={`${ids}code-hint`}
          onChange={(event) => setCode(codeFromInput(event.target.value))}
        />
        <p id={`${ids}code-hint`} className={at === "code" ? "field-error" : "hint"}>
          {at === "code" ? problem?.text : t("join.codeHint")}
        </p>
      </div>
      <div className="field">
        <label htmlFor={`${ids}name`}>{t("join.name")}</label>
        <input
          id={`${ids}name`}
          ref={nameInput}
          data-testid="join-name"
          value={name}
          dir="auto"
          autoComplete="nickname"
          enterKeyHint="go"
          aria-invalid={at === "name"}
          aria-describedby={`${ids}name-hint`}
          onChange={(event) => setName(event.target.value)}
        />
        <p id={`${ids}name-hint`} className={at === "name" ? "field-error" : "hint"}>
          {at === "name" ? problem?.text : t("join.nameHint")}
        </p>
      </div>
      <div role="alert" data-testid="join-error">
        {at === "form" && <Notice tone="warning">{problem?.text}</Notice>}
        {at !== undefined && at !== "form" && <span className="visually-hidden">{problem?.text}</span>}
      </div>
      <button
        className="button big"
        type="submit"
        data-testid="join-submit"
        aria-disabled={busy}
        disabled={joining}
      >
        {joining ? t("join.joining") : link.at === "connecting" ? t("join.connecting") : t("join.submit")}
      </button>
    </form>
  );
}
