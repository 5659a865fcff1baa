// One signed-in visit: who I am, my group, its members and messages, kept true over reconnects.

import { memberNews, type MemberNews } from "../model/members";
import { add, nextToSend, parseOutbox, refuse, remove, retry, type Outbox } from "../model/outbox";
import { comparePositions } from "../model/position";
import { Store } from "../model/store";
import { ownTimeZone } from "../model/time";
import { emptyTimeline, mergeMessages, newest, oldest, type Timeline } from "../model/timeline";
import type {
  Cohort,
  Group,
  HelloParams,
  HelloResult,
  Member,
  Message,
  Person,
  Position,
  Session as SessionData,
} from "../protocol/generated/types";
import { limits } from "../protocol/generated/limits";
import {
  forget,
  forgetSignIn,
  freshId,
  recall,
  remember,
  rememberSignIn,
  signIn,
  type Role,
  type SignIn,
} from "./device";
import { CallFailed, Live, type LinkState, type LiveEvent } from "./live";

export type EndReason = "left" | "removed" | "expired";
export type News = MemberNews | { readonly what: "message"; readonly name: string };

export interface SessionState {
  readonly link: LinkState;
  /** Whether the server has said who we are: not yet, nobody, or somebody. */
  readonly who: "unknown" | "nobody" | "somebody";
  readonly me: Person | null;
  readonly cohort: Cohort | null;
  readonly group: Group | null;
  /** Why the group that was asked for did not open. */
  readonly groupFailure: string | null;
  readonly ended: EndReason | null;
  readonly storage: boolean;
  readonly timeline: Timeline;
  readonly outbox: Outbox;
  readonly loadingOlder: boolean;
}

const initialState: SessionState = {
  link: { at: "connecting" },
  who: "unknown",
  me: null,
  cohort: null,
  group: null,
  groupFailure: null,
  ended: null,
  storage: true,
  timeline: emptyTimeline,
  outbox: [],
  loadingOlder: false,
};

const catchUpPage = 100;

/** What the last visit knew, so that the page stands at once, and without a network too. */
type Visit = Pick<SessionState, "me" | "cohort" | "group">;

function recallVisit(role: Role): Partial<SessionState> {
  const text = recall(`visit.${role}`);
  if (text === null) return {};
  try {
    const visit = JSON.parse(text) as Visit;
    if (visit.me === null) return {};
    const { group } = visit;
    // Who was here then need not be here now.
    const members = group?.members.map((member) => ({ ...member, here: false })) ?? [];
    return { ...visit, who: "somebody", group: group === null ? null : { ...group, members } };
  } catch {
    return {};
  }
}

export class Session {
  readonly state: Store<SessionState>;
  readonly #role: Role;
  readonly #live: Live;
  readonly #newsListeners = new Set<(news: readonly News[]) => void>();
  #token: SignIn | null;
  #wantedGroup: string | null = null;
  /** Everything up to here is known without a hole. */
  #completeTo: Position | undefined;
  #caughtUp = false;
  #pumping = false;
  #reopen = false;
  #pumpLater: ReturnType<typeof setTimeout> | undefined;

  constructor(role: Role, url: string) {
    this.#role = role;
    this.#token = signIn(role);
    this.state = new Store({ ...initialState, ...(this.#token === null ? {} : recallVisit(role)) });
    const { group, me } = this.state.get();
    if (group !== null && me !== null)
      this.#change({ outbox: parseOutbox(recall(outboxKey(group.id, me.id))) });
    this.#live = new Live({
      url,
      hello: () => this.#helloParams(),
      onHello: (answer) => this.#onHello(answer),
      onEvent: (event) => this.#onEvent(event),
      heartbeat: () => this.#live.call(this.state.get().group === null ? "groups.list" : "members.list", {}),
    });
    this.#live.link.subscribe(() => this.#onLink());
  }

  get token(): string | null {
    return this.#token?.token ?? null;
  }
  get code(): string {
    return this.#token?.code ?? "";
  }

  start(): void {
    window.addEventListener("online", this.#nudge);
    window.addEventListener("offline", this.#networkLost);
    document.addEventListener("visibilitychange", this.#nudgeIfVisible);
    this.#live.start();
  }

  stop(): void {
    window.removeEventListener("online", this.#nudge);
    window.removeEventListener("offline", this.#networkLost);
    document.removeEventListener("visibilitychange", this.#nudgeIfVisible);
    clearTimeout(this.#pumpLater);
    this.#live.stop();
  }

  /** Try now, whatever the backoff says. */
  tryNow(): void {
    this.#live.nudge();
  }

  onNews(listener: (news: readonly News[]) => void): () => void {
    this.#newsListeners.add(listener);
    return () => void this.#newsListeners.delete(listener);
  }

  /** Takes a seat. Rejects with CallFailed. */
  async join(code: string, name: string): Promise<void> {
    const answer = await this.#live.call("cohort.join", { code, name, ...zoneParam() });
    this.#token = { token: answer.token, code };
    rememberSignIn(this.#role, this.#token);
    this.#signedIn(answer.session);
  }

  /** Gives up the seat. Rejects with CallFailed. */
  async leave(): Promise<void> {
    await this.#live.call("cohort.leave", {});
    this.#end("left");
  }

  async listGroups(): Promise<readonly Group[]> {
    return (await this.#live.call("groups.list", {})).groups;
  }

  /** A teacher opens a group's page, now and after each reconnect. */
  openGroup(id: string): void {
    if (this.#wantedGroup === id && this.state.get().groupFailure === null) return;
    this.#wantedGroup = id;
    this.#change({ group: null, groupFailure: null, timeline: emptyTimeline, outbox: [] });
    if (this.state.get().who === "somebody" && this.state.get().link.at === "open") void this.#openWanted(id);
  }

  send(text: string): void {
    const message = { id: freshId(), text, written: Date.now(), refused: null };
    this.#setOutbox(add(this.state.get().outbox, message));
    void this.#pump();
  }

  sendAgain(id: string): void {
    this.#setOutbox(retry(this.state.get().outbox, id));
    void this.#pump();
  }

  discard(id: string): void {
    this.#setOutbox(remove(this.state.get().outbox, id));
  }

  async loadOlder(): Promise<void> {
    const before = oldest(this.state.get().timeline);
    if (before === undefined || this.state.get().loadingOlder) return;
    this.#change({ loadingOlder: true });
    try {
      const page = await this.#live.call("messages.history", { before, limit: limits.historyPage });
      this.#merge(page.messages, page.more);
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure; // The button stays: it can be pressed again.
    } finally {
      this.#change({ loadingOlder: false });
    }
  }

  readonly #nudge = (): void => this.#live.nudge();
  readonly #networkLost = (): void => this.#live.networkLost();
  readonly #nudgeIfVisible = (): void => {
    if (document.visibilityState === "visible") this.#live.nudge();
  };

  #change(part: Partial<SessionState>): void {
    this.state.update((now) => ({ ...now, ...part }));
  }

  #helloParams(): HelloParams {
    return {
      protocol: 1,
      client: "studium-web/0.1.0",
      ...(this.#token === null ? {} : { token: this.#token.token }),
      ...zoneParam(),
    };
  }

  #onLink(): void {
    const link = this.#live.link.get();
    this.#change({ link });
    if (link.at !== "open") this.#caughtUp = false;
    if (link.at !== "stopped") return;
    if (link.code === 4401) this.#end("expired");
    if (this.#reopen) {
      this.#reopen = false;
      queueMicrotask(() => this.#live.nudge());
    }
  }

  #onHello(answer: HelloResult | null): void {
    const session = answer?.session ?? null;
    if (session !== null) {
      this.#signedIn(session);
      return;
    }
    if (this.state.get().who === "somebody") this.#end("expired");
    else if (this.#token !== null) {
      this.#token = null;
      forgetSignIn(this.#role);
    }
    this.#change({ who: "nobody" });
  }

  #signedIn(session: SessionData): void {
    this.#change({
      who: "somebody",
      me: session.me,
      cohort: session.cohort,
      storage: session.storage,
      ended: null,
    });
    if (this.#wantedGroup !== null) void this.#openWanted(this.#wantedGroup);
    else if (session.group !== null) this.#entered(session.group);
    else this.#change({ group: null });
    this.#rememberVisit();
  }

  #rememberVisit(): void {
    const { me, cohort, group } = this.state.get();
    const visit: Visit = { me, cohort, group: this.#role === "student" ? group : null };
    remember(`visit.${this.#role}`, JSON.stringify(visit));
  }

  async #openWanted(id: string): Promise<void> {
    try {
      const { group } = await this.#live.call("group.open", { group: id });
      if (this.#wantedGroup === id) this.#entered(group);
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      if (failure.kind !== "offline" && failure.kind !== "timeout" && this.#wantedGroup === id)
        this.#change({ groupFailure: failure.kind });
    }
  }

  #entered(group: Group): void {
    const { group: before, me } = this.state.get();
    if (before?.id !== group.id) {
      this.#completeTo = undefined;
      const outbox = me === null ? [] : parseOutbox(recall(outboxKey(group.id, me.id)));
      this.#change({ group, groupFailure: null, timeline: emptyTimeline, outbox });
    } else {
      this.#tellMembers(before.members, group.members);
      this.#change({ group });
    }
    void this.#catchUp(group.id);
  }

  /** Fetches what was missed: the newest page at first, later everything after the last known. */
  async #catchUp(group: string): Promise<void> {
    this.#caughtUp = false;
    try {
      const { members } = await this.#live.call("members.list", {});
      this.#setMembers(group, members);
      if (this.#completeTo === undefined) {
        const page = await this.#live.call("messages.history", { limit: limits.historyPage });
        if (this.state.get().group?.id !== group) return;
        this.#merge(page.messages, page.more);
      } else {
        for (let more = true; more;) {
          const after: Position = this.#completeTo;
          const page = await this.#live.call("messages.history", { after, limit: catchUpPage });
          if (this.state.get().group?.id !== group) return;
          this.#merge(page.messages);
          this.#completeTo = page.messages.at(-1)?.at ?? after;
          more = page.more && page.messages.length > 0;
        }
      }
      this.#caughtUp = true;
      this.#completeTo = newest(this.state.get().timeline) ?? this.#completeTo;
      void this.#pump();
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      if (failure.kind === "offline" || failure.kind === "timeout") return; // The next hello catches up.
      setTimeout(() => this.#catchUpStill(group), failure.retryAfter ?? 3_000);
    }
  }

  #catchUpStill(group: string): void {
    const now = this.state.get();
    if (now.group?.id === group && now.link.at === "open" && !this.#caughtUp) void this.#catchUp(group);
  }

  #merge(messages: readonly Message[], hasOlder?: boolean): void {
    this.state.update((now) => {
      const timeline = mergeMessages(now.timeline, messages);
      return { ...now, timeline: hasOlder === undefined ? timeline : { ...timeline, hasOlder } };
    });
    const arrived = new Set(messages.map((m) => m.id));
    const { outbox } = this.state.get();
    if (outbox.some((m) => arrived.has(m.id))) this.#setOutbox(outbox.filter((m) => !arrived.has(m.id)));
  }

  #onEvent(event: LiveEvent): void {
    switch (event.name) {
      case "members.changed":
        this.#setMembers(event.params.group, event.params.members);
        return;
      case "messages.posted":
        this.#posted(event.params.message);
        return;
      case "session.ended":
        this.#end(event.params.reason);
        return;
      case "storage.changed":
        this.#change({ storage: event.params.available });
        if (event.params.available) void this.#pump();
        return;
    }
  }

  #posted(message: Message): void {
    const { group, me } = this.state.get();
    if (message.group !== group?.id) return;
    this.#merge([message]);
    if (
      this.#caughtUp &&
      (this.#completeTo === undefined || comparePositions(this.#completeTo, message.at) < 0)
    )
      this.#completeTo = message.at;
    if (message.from.id !== me?.id) this.#tell([{ what: "message", name: message.from.name }]);
  }

  #setMembers(group: string, members: Member[]): void {
    const before = this.state.get().group;
    if (before?.id !== group) return;
    this.#tellMembers(before.members, members);
    this.#change({ group: { ...before, members } });
  }

  #tellMembers(before: readonly Member[], after: readonly Member[]): void {
    this.#tell(memberNews(before, after, this.state.get().me?.id ?? ""));
  }

  #tell(news: readonly News[]): void {
    if (news.length > 0) for (const listener of this.#newsListeners) listener(news);
  }

  #end(reason: EndReason): void {
    if (this.state.get().ended !== null) return;
    const { group, me } = this.state.get();
    if (reason === "left" && group !== null && me !== null) forget(outboxKey(group.id, me.id));
    this.#token = null;
    this.#wantedGroup = null;
    this.#completeTo = undefined;
    forgetSignIn(this.#role);
    forget(`visit.${this.#role}`);
    // The server closes this socket, for good; whoever joins next needs a fresh one.
    this.#reopen = true;
    this.state.set({ ...initialState, link: this.state.get().link, who: "nobody", ended: reason });
  }

  #setOutbox(outbox: Outbox): void {
    const { group, me } = this.state.get();
    this.#change({ outbox });
    if (group === null || me === null) return;
    if (outbox.length === 0) forget(outboxKey(group.id, me.id));
    else remember(outboxKey(group.id, me.id), JSON.stringify(outbox));
  }

  /** Sends what waits, one after the other, until nothing does or the server can't take it now. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    clearTimeout(this.#pumpLater);
    try {
      for (;;) {
        const { group, link, outbox } = this.state.get();
        const next = nextToSend(outbox);
        if (next === undefined || group === null || link.at !== "open" || !this.#caughtUp) return;
        if (!(await this.#sendOne(next.id, next.text))) return;
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** Whether to go on with the next. */
  async #sendOne(id: string, text: string): Promise<boolean> {
    try {
      const { message } = await this.#live.call("messages.send", { id, text });
      this.#merge([message]);
      return true;
    } catch (failure) {
      if (!(failure instanceof CallFailed)) throw failure;
      switch (failure.kind) {
        case "offline":
        case "timeout":
        case "not_signed_in":
          return false; // The next catch-up goes on from here.
        case "rate_limited":
        case "store_unavailable":
          this.#pumpLater = setTimeout(() => void this.#pump(), failure.retryAfter ?? 3_000);
          return false;
        default:
          this.#setOutbox(refuse(this.state.get().outbox, id, failure.kind));
          return true;
      }
    }
  }
}

const outboxKey = (group: string, person: string) => `outbox.${group}.${person}`;

function zoneParam(): { time_zone?: string } {
  const zone = ownTimeZone();
  return /^[A-Za-z0-9_+/-]{1,64}$/.test(zone) ? { time_zone: zone } : {};
}
