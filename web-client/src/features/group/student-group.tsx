import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../connection/session";
import { useStore, useTitle } from "../hooks";
import { go } from "../navigation";
import { LinkNotice } from "../shell/link-notice";
import { Masthead } from "../shell/masthead";
import { Loading } from "../shell/notice";
import { GroupPage } from "./group-page";

export function StudentGroup({ session }: { session: Session }) {
  const { t } = useTranslation();
  const state = useStore(session.state);
  useTitle(state.group?.name ?? "");

  const nobody = state.who === "nobody" || (state.who === "unknown" && session.token === null);
  const noGroup = state.who === "somebody" && state.group === null && state.link.at === "open";
  useEffect(() => {
    if (nobody || noGroup) go({ page: "enter" }, "replace");
  }, [nobody, noGroup]);

  if (state.group === null || state.me === null)
    return (
      <div className="plain-page">
        <Masthead />
        <main className="plain-main">
          <LinkNotice session={session} state={state} />
          <Loading>{t("group.loading")}</Loading>
        </main>
      </div>
    );
  return (
    <GroupPage
      key={state.group.id}
      session={session}
      state={state}
      group={state.group}
      me={state.me}
      mayLeave
    />
  );
}
