import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type SyntheticEvent,
} from "react";
import { useTranslation } from "react-i18next";
import type { Session, SessionState } from "../../connection/session";
import { codePoints } from "../../model/forms";
import type { Outgoing } from "../../model/outbox";
import { localDay, ownTimeZone } from "../../model/time";
import { entriesOf, type Entry } from "../../model/timeline";
import { limits } from "../../protocol/generated/limits";
import type { Person } from "../../protocol/generated/types";
import { Icon } from "../icons";
import { Loading } from "../shell/notice";
import { useColour } from "./colours";

interface Props {
  readonly session: Session;
  readonly state: SessionState;
  readonly me: Person;
  readonly visible: boolean;
}

export function MessagesPane({ session, state, me, visible }: Props) {
  const { t } = useTranslation();
  return (
    <section className="pane messages-pane" data-pane-name="messages" aria-labelledby="messages-title">
      <div className="pane-head">
        <h2 id="messages-title">{t("group.messages")}</h2>
      </div>
      <MessageList session={session} state={state} me={me} visible={visible} />
      <Composer onSend={(text) => session.send(text)} />
    </section>
  );
}

function MessageList({ session, state, me, visible }: Props) {
  const { t } = useTranslation();
  const { timeline, outbox, loadingOlder } = state;
  const entries = useMemo(() => {
    const zone = ownTimeZone();
    return entriesOf(timeline, outbox, (instant) => localDay(instant, zone));
  }, [timeline, outbox]);
  const { box, onScroll, away, toEnd } = useStickToEnd(entries, visible);

  if (timeline.hasOlder === null && entries.length === 0)
    return state.link.at === "away" || state.link.at === "stopped" ? (
      <p className="empty message-scroll-frame">{t("messages.offline")}</p>
    ) : (
      <Loading>{t("messages.loading")}</Loading>
    );
  return (
    <div className="message-scroll-frame">
      {/* A scrolling region must be reachable by keyboard. */}
      <div
        className="message-scroll"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-labelledby="messages-title"
      >
        {timeline.hasOlder === true && (
          <button
            className="button quiet older"
            disabled={loadingOlder}
            onClick={() => void session.loadOlder()}
          >
            {loadingOlder ? t("messages.loadingOlder") : t("messages.older")}
          </button>
        )}
        {entries.length === 0 && <p className="empty">{t("messages.empty")}</p>}
        <ol className="messages" data-testid="messages">
          {entries.map((entry) => (
            <EntryRow key={entry.key} entry={entry} me={me} session={session} />
          ))}
        </ol>
      </div>
      {away && (
        <button className="to-newest button" onClick={toEnd}>
          {t("messages.toNewest")}
        </button>
      )}
    </div>
  );
}

/** Keeps the newest in view for who reads there, and the place of who reads further up. */
function useStickToEnd(entries: readonly Entry[], visible: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const last = useRef({ firstKey: "", height: 0 });
  const [away, setAway] = useState(false);

  const toEnd = () => {
    const now = box.current;
    if (now === null) return;
    stuck.current = true;
    now.scrollTop = now.scrollHeight;
    setAway(false);
  };
  useLayoutEffect(() => {
    const now = box.current;
    if (now === null) return;
    const firstKey = entries.find((e) => e.kind === "stored")?.key ?? "";
    const olderCame = last.current.firstKey !== "" && firstKey !== last.current.firstKey;
    if (stuck.current) now.scrollTop = now.scrollHeight;
    else if (olderCame) now.scrollTop += now.scrollHeight - last.current.height;
    last.current = { firstKey, height: now.scrollHeight };
  }, [entries, visible]);
  useEffect(() => {
    const now = box.current;
    if (now === null) return;
    const watch = new ResizeObserver(() => {
      if (stuck.current) now.scrollTop = now.scrollHeight;
    });
    watch.observe(now);
    return () => watch.disconnect();
  }, []);

  const onScroll = () => {
    const now = box.current;
    if (now === null || now.clientHeight === 0) return;
    stuck.current = now.scrollHeight - now.scrollTop - now.clientHeight < 48;
    setAway(!stuck.current);
  };
  return { box, onScroll, away, toEnd };
}

function EntryRow({ entry, me, session }: { entry: Entry; me: Person; session: Session }) {
  switch (entry.kind) {
    case "day":
      return <DayRow at={entry.at} />;
    case "stored":
      return <StoredRow entry={entry} me={me} />;
    case "waiting":
      return <WaitingRow outgoing={entry.outgoing} session={session} />;
  }
}

function DayRow({ at }: { at: number }) {
  const { i18n } = useTranslation();
  const day = new Intl.DateTimeFormat(i18n.language, {
    weekday: "long",
    day: "numeric",
    month: "long",
  }).format(at);
  return (
    <li className="day-row">
      <span>{day}</span>
    </li>
  );
}

function StoredRow({ entry: { message, continues }, me }: { entry: Entry & { kind: "stored" }; me: Person }) {
  const { t, i18n } = useTranslation();
  const mine = message.from.id === me.id;
  const colour = useColour(message.from.id);
  const time = new Intl.DateTimeFormat(i18n.language, { hour: "numeric", minute: "2-digit" }).format(
    message.sent,
  );
  return (
    <li className="message" data-mine={mine} data-continues={continues} data-testid="message">
      <p className={continues ? "message-head visually-hidden" : "message-head"}>
        <span className="message-author" data-colour={colour}>
          {mine ? t("messages.you") : <bdi>{message.from.name}</bdi>}
        </span>
        <time dateTime={new Date(message.sent).toISOString()}>{time}</time>
      </p>
      <p className="message-text" dir="auto">
        {message.text}
      </p>
    </li>
  );
}

function WaitingRow({ outgoing, session }: { outgoing: Outgoing; session: Session }) {
  const { t } = useTranslation();
  const refused = outgoing.refused;
  return (
    <li
      className="message"
      data-mine="true"
      data-state={refused === null ? "waiting" : "refused"}
      data-testid="message"
    >
      <p className="message-text" dir="auto">
        {outgoing.text}
      </p>
      <div className="message-fate">
        {refused === null ? (
          <span>{t("messages.waiting")}</span>
        ) : (
          <>
            <span className="field-error">
              {t(refused === "too_large" ? "messages.refused.too_large" : "messages.refused.other")}
            </span>
            <button className="text-button" onClick={() => session.sendAgain(outgoing.id)}>
              {t("messages.again")}
            </button>
            <button className="text-button" onClick={() => session.discard(outgoing.id)}>
              {t("messages.discard")}
            </button>
          </>
        )}
      </div>
    </li>
  );
}

function Composer({ onSend }: { onSend: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const tooMany = codePoints(text.trim()) - limits.message;
  const canSend = text.trim() !== "" && tooMany <= 0;

  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!canSend) return;
    onSend(text.trim());
    setText("");
    box.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    // Enter sends, except while an input method is composing (its Enter picks a candidate).
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };
  useLayoutEffect(() => {
    const now = box.current;
    if (now === null) return;
    now.style.height = "auto";
    now.style.height = `${Math.min(now.scrollHeight, 140)}px`;
  }, [text]);

  return (
    <form className="composer" onSubmit={send}>
      <label className="composer-field">
        <span className="visually-hidden">{t("messages.input")}</span>
        <textarea
          ref={box}
          rows={1}
          dir="auto"
          data-testid="message-input"
          value={text}
          placeholder={t("messages.input")}
          enterKeyHint="send"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
      </label>
      <button
        className="icon-button send"
        type="submit"
        data-testid="message-send"
        aria-label={t("messages.send")}
        aria-disabled={!canSend}
      >
        <span className="flip-rtl">
          <Icon name="send" />
        </span>
      </button>
      {tooMany > 0 && <p className="field-error">{t("messages.tooLong", { count: tooMany })}</p>}
    </form>
  );
}
