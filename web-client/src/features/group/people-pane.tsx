import { useTranslation } from "react-i18next";
import { inOrder } from "../../model/members";
import { dayDifference, isTimeZone, minuteOfDay, ownTimeZone, partOfDay } from "../../model/time";
import type { Group, Member, Person } from "../../protocol/generated/types";
import { useClock } from "../hooks";
import { Icon } from "../icons";
import { Avatar } from "./avatar";
import { SkyBand } from "./sky-band";

export function PeoplePane({ group, me, live }: { group: Group; me: Person; live: boolean }) {
  const { t } = useTranslation();
  const members = inOrder(group.members, me.id);
  const here = members.filter((m) => m.here).length;
  const students = members.filter((m) => m.person.role === "student").length;
  const free = group.seats - students;
  return (
    <section
      className="pane people-pane"
      data-pane-name="people"
      data-live={live}
      aria-labelledby="people-title"
    >
      <div className="pane-head">
        <h2 id="people-title">{t("people.title")}</h2>
        <p className={live ? "soft" : "soft small"}>
          {live ? t("people.here", { count: here }) : t("people.stale")}
        </p>
      </div>
      <SkyBand members={members} />
      {/* A scrolling region must be reachable by keyboard. */}
      <div className="people-scroll" tabIndex={0} role="group" aria-labelledby="people-title">
        <ul className="people" data-testid="people">
          {members.map((member) => (
            <PersonRow key={member.person.id} member={member} isMe={member.person.id === me.id} />
          ))}
        </ul>
        {free > 0 && <p className="soft small">{t("people.freeSeats", { count: free })}</p>}
        {members.every((m) => m.person.id === me.id || !m.here) && (
          <p className="soft small">{t("people.alone")}</p>
        )}
      </div>
    </section>
  );
}

function PersonRow({ member, isMe }: { member: Member; isMe: boolean }) {
  const { t } = useTranslation();
  const { person, here, joined } = member;
  const presence = here ? "here" : joined ? "away" : "notYet";
  return (
    <li className="person" data-testid="person" data-presence={presence}>
      <Avatar member={member} />
      <div className="person-text">
        <p className="person-name">
          <bdi>{person.name}</bdi>
          {isMe && <span className="tag">{t("people.you")}</span>}
          {person.role === "teacher" && <span className="tag">{t("people.teacher")}</span>}
        </p>
        <p className="soft small">
          <bdi>{person.school.name}</bdi>
        </p>
      </div>
      <div className="person-side">
        <LocalTime zone={person.time_zone} />
        <p className="small">
          <LocalDay zone={person.time_zone} />
          <span className="presence">
            {t(here ? "people.isHere" : joined ? "people.away" : "people.notYet")}
          </span>
        </p>
      </div>
    </li>
  );
}

function LocalTime({ zone }: { zone: string | null }) {
  const { t, i18n } = useTranslation();
  const now = useClock();
  if (zone === null || !isTimeZone(zone)) return <p className="soft small">{t("people.noZone")}</p>;
  const time = new Intl.DateTimeFormat(i18n.language, {
    timeZone: zone,
    hour: "numeric",
    minute: "2-digit",
  }).format(now);
  const part = partOfDay(minuteOfDay(now, zone) ?? 0);
  return (
    <p className="local-time">
      <Icon name={part === "night" || part === "evening" ? "moon" : "sun"} />
      <time>{time}</time>
    </p>
  );
}

/** Where it is already tomorrow, or still yesterday. */
function LocalDay({ zone }: { zone: string | null }) {
  const { t } = useTranslation();
  const now = useClock();
  const days = zone === null || !isTimeZone(zone) ? 0 : dayDifference(now, zone, ownTimeZone());
  if (days === 0) return null;
  return <span className="soft">{t(days > 0 ? "people.tomorrow" : "people.yesterday")} · </span>;
}
