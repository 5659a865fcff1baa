import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session, SessionState } from "../../connection/session";
import { assignColours, colourIndex } from "../../model/identity";
import { chipOf, initialSaveState, unsaved, type SaveState } from "../../model/save-state";
import { Store } from "../../model/store";
import type { Group, Person } from "../../protocol/generated/types";
import { useMediaQuery, useStore } from "../hooks";
import { Icon, type IconName } from "../icons";
import { NotesPane } from "../notes/notes-pane";
import { Announcements } from "../shell/announcements";
import { LinkNotice } from "../shell/link-notice";
import { Colours } from "./colours";
import { GroupMenu } from "./group-menu";
import { MessagesPane } from "./messages-pane";
import { PeoplePane } from "./people-pane";
import { SaveChip } from "./save-chip";
import { useCollab } from "./use-collab";

interface Props {
  readonly session: Session;
  readonly state: SessionState;
  readonly group: Group;
  readonly me: Person;
  readonly mayLeave?: boolean;
  readonly onBack?: () => void;
}

const panes = ["notes", "messages", "people"] as const;
export type Pane = (typeof panes)[number];
const notYetOpen = new Store<SaveState>(initialSaveState);

export function GroupPage({ session, state, group, me, mayLeave = false, onBack }: Props) {
  const { t } = useTranslation();
  const [pane, setPane] = useState<Pane>("notes");
  const wide = useMediaQuery("(min-width: 64rem)");
  const colours = useMemo(() => assignColours(group.members.map((m) => m.person.id)), [group.members]);
  const load = useCollab(group.workspace, session.token, me, colours.get(me.id) ?? colourIndex(me.id));
  const collab = load.at === "here" ? load.collab : null;
  const save = useStore(collab?.save ?? notYetOpen);
  const unread = useUnread(state, me, wide || pane === "messages");
  useAskBeforeLosing(save);

  return (
    <Colours value={colours}>
      <div className="group-page">
        <a className="skip-link" href="#notes">
          {t("app.skip")}
        </a>
        <header className="group-head">
          {onBack !== undefined && (
            <button className="icon-button" onClick={onBack} aria-label={t("teach.back")}>
              <span className="flip-rtl">
                <Icon name="back" />
              </span>
            </button>
          )}
          <div className="group-title">
            <h1>
              <bdi>{group.name}</bdi>
            </h1>
            {state.cohort !== null && (
              <p>
                <bdi>{state.cohort.title}</bdi>
              </p>
            )}
          </div>
          <SaveChip save={save} />
          <GroupMenu
            mayLeave={mayLeave}
            waiting={unsaved(save)}
            onLeave={async () => {
              await session.leave();
              await collab?.forgetAndDestroy();
            }}
          />
          <div className="group-notice">
            <LinkNotice session={session} state={state} />
          </div>
        </header>
        <main className="panes" data-pane={pane} id="main">
          <NotesPane load={load} reachable={state.link.at === "open"} />
          <MessagesPane session={session} state={state} me={me} visible={wide || pane === "messages"} />
          <PeoplePane group={group} me={me} live={state.link.at === "open"} />
        </main>
        <PaneBar
          pane={pane}
          onPick={setPane}
          unread={unread}
          here={state.link.at === "open" ? group.members.filter((m) => m.here).length : 0}
        />
        <Announcements session={session} chip={chipOf(save).state} />
      </div>
    </Colours>
  );
}

const paneIcons: Record<Pane, IconName> = { notes: "notes", messages: "messages", people: "people" };

interface PaneBarProps {
  readonly pane: Pane;
  readonly onPick: (pane: Pane) => void;
  readonly unread: number;
  readonly here: number;
}

/** On a phone one part shows at a time. */
function PaneBar({ pane, onPick, unread, here }: PaneBarProps) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <nav className="pane-bar" aria-label={t("group.panes")}>
      {panes.map((name) => (
        <button
          key={name}
          data-testid={`pane-${name}`}
          aria-current={name === pane ? "true" : undefined}
          onClick={() => onPick(name)}
        >
          <span className="pane-icon">
            <Icon name={paneIcons[name]} />
            {name === "messages" && unread > 0 && (
              <span className="badge">
                <span aria-hidden="true">{number.format(unread)}</span>
                <span className="visually-hidden">{t("group.unread", { count: unread })}</span>
              </span>
            )}
            {name === "people" && here > 0 && (
              <span className="badge calm" aria-hidden="true">
                {number.format(here)}
              </span>
            )}
          </span>
          {t(`group.${name}`)}
        </button>
      ))}
    </nav>
  );
}

/** Messages of others that came while they were out of sight. */
function useUnread(state: SessionState, me: Person, visible: boolean): number {
  const theirs = useMemo(
    () => state.timeline.messages.filter((m) => m.from.id !== me.id).length,
    [state.timeline.messages, me.id],
  );
  const known = state.timeline.hasOlder !== null;
  const [seen, setSeen] = useState<number | null>(null);
  const baseline = visible || seen === null ? (known ? theirs : null) : seen;
  if (baseline !== seen) setSeen(baseline);
  return baseline === null ? 0 : Math.max(0, theirs - baseline);
}

/** Where closing the page would lose something that neither server nor device has. */
function useAskBeforeLosing(save: SaveState): void {
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  }, [save]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (latest.current.device === "fails" && unsaved(latest.current) > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);
}
