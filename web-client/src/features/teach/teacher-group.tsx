import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../connection/session";
import { GroupPage } from "../group/group-page";
import { useStore, useTitle } from "../hooks";
import { go } from "../navigation";
import { LinkNotice } from "../shell/link-notice";
import { Masthead } from "../shell/masthead";
import { Loading, Notice } from "../shell/notice";

export function TeacherGroup({ session, group: id }: { session: Session; group: string }) {
  const { t } = useTranslation();
  const state = useStore(session.state);
  useTitle(state.group?.name ?? "");
  useEffect(() => session.openGroup(id), [session, id]);

  const back = () => go({ page: "teach" });
  const nobody = state.who === "nobody" || (state.who === "unknown" && session.token === null);
  if (state.group?.id === id && state.me !== null)
    return <GroupPage session={session} state={state} group={state.group} me={state.me} onBack={back} />;
  return (
    <div className="plain-page">
      <Masthead />
      <main className="plain-main">
        {nobody ? (
          <Notice>{t("teach.noToken")}</Notice>
        ) : state.groupFailure !== null ? (
          <Notice
            action={
              <button className="button quiet" onClick={back}>
                {t("teach.back")}
              </button>
            }
          >
            {t("teach.notFound")}
          </Notice>
        ) : (
          <>
            <LinkNotice session={session} state={state} />
            <Loading>{t("group.loading")}</Loading>
          </>
        )}
      </main>
    </div>
  );
}
