import { useTranslation } from "react-i18next";
import type { Session } from "../../connection/session";
import { assignColours } from "../../model/identity";
import type { Group } from "../../protocol/generated/types";
import { Avatar } from "../group/avatar";
import { Colours } from "../group/colours";
import { useStore, useTitle } from "../hooks";
import { go } from "../navigation";
import { LanguageMenu } from "../shell/language-menu";
import { LinkNotice } from "../shell/link-notice";
import { Masthead } from "../shell/masthead";
import { Loading, Notice } from "../shell/notice";
import { useGroups } from "./use-groups";

export function TeacherList({ session }: { session: Session }) {
  const { t } = useTranslation();
  const state = useStore(session.state);
  const open = state.link.at === "open" && state.who === "somebody";
  const { groups, failed } = useGroups(session, open);
  const nobody = state.who === "nobody" || (state.who === "unknown" && session.token === null);
  useTitle(t("teach.title"));
  return (
    <div className="plain-page">
      <Masthead>
        <LanguageMenu />
      </Masthead>
      <main className="teach-main" id="main">
        <h1>{t("teach.title")}</h1>
        {state.cohort !== null && (
          <p className="tagline">
            <bdi>{state.cohort.title}</bdi>
          </p>
        )}
        {nobody ? <Notice>{t("teach.noToken")}</Notice> : <LinkNotice session={session} state={state} />}
        {failed && <Notice tone="warning">{t("teach.failed")}</Notice>}
        {!nobody && groups === null && !failed && <Loading>{t("teach.loading")}</Loading>}
        {groups?.length === 0 && <p className="empty">{t("teach.empty")}</p>}
        <ul className="group-cards" data-testid="groups">
          {groups?.map((group) => (
            <GroupCard key={group.id} group={group} />
          ))}
        </ul>
      </main>
    </div>
  );
}

function GroupCard({ group }: { group: Group }) {
  const { t } = useTranslation();
  const here = group.members.filter((m) => m.here).length;
  return (
    <li className="group-card" data-testid="group-card">
      <a
        href={`/teach/${group.id}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go({ page: "teach group", group: group.id });
        }}
      >
        <h2>
          <bdi>{group.name}</bdi>
        </h2>
        <p className="soft">
          {t("teach.members", { count: group.members.length })} · {t("people.here", { count: here })}
        </p>
        {group.members.length === 0 && <p className="soft">{t("teach.nobody")}</p>}
        <ul className="card-members">
          <Colours value={assignColours(group.members.map((m) => m.person.id))}>
            {group.members.map((member) => (
              <li key={member.person.id} data-presence={member.here ? "here" : "away"}>
                <Avatar member={member} />
                <span>
                  <bdi>{member.person.name}</bdi>{" "}
                  <span className="presence small">
                    {t(member.here ? "people.isHere" : member.joined ? "people.away" : "people.notYet")}
                  </span>
                </span>
              </li>
            ))}
          </Colours>
        </ul>
      </a>
    </li>
  );
}
