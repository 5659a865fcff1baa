import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Group, HelloResult, Member, Message, Person } from "../protocol/generated/types";
import { forgetSignIn, rememberSignIn } from "./device";
import { FakeSocket } from "./fake-socket";
import { Session, type News } from "./session";

const school = { id: "s", name: "S" };
const person = (id: string, role: Person["role"] = "student"): Person => ({
  id,
  name: id.toUpperCase(),
  role,
  school,
  time_zone: null,
});
const member = (id: string, here = true): Member => ({ person: person(id), here, joined: true });
const group: Group = {
  id: "g",
  name: "G",
  workspace: "w",
  seats: 4,
  members: [member("me"), member("ana", false)],
};
const cohort = { id: "c", title: "C" };
const hello = (open: Group | null = group, who = person("me")): HelloResult => ({
  protocol: 1,
  server: "test",
  now: 0,
  session: { me: who, cohort, group: open, storage: true },
});
const message = (number: number, from = "ana"): Message => ({
  id: `m${number}`,
  at: `1-${number}`,
  group: "g",
  from: person(from),
  text: `text ${number}`,
  sent: number,
});
const settle = () => vi.advanceTimersByTimeAsync(0);
const shown = (session: Session) => session.state.get().timeline.messages.map((m) => m.id);

async function resume(answer: HelloResult = hello()) {
  FakeSocket.last.opens();
  FakeSocket.last.answers("hello", answer);
  await settle();
}
async function catchUp(messages: Message[], more = false) {
  FakeSocket.last.answers("members.list", { members: group.members });
  await settle();
  FakeSocket.last.answers("messages.history", { messages, more });
  await settle();
}
async function comeBack() {
  FakeSocket.last.closes(1006);
  await vi.advanceTimersByTimeAsync(10_000);
}

let session: Session;
function start(role: "student" | "teacher" = "student") {
  session = new Session(role, "ws://test/live");
  session.start();
}

beforeEach(() => {
  vi.useFakeTimers();
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
  rememberSignIn("student", { token: "tok", code: "CODE" });
});
afterEach(() => {
  session.stop();
  forgetSignIn("student");
  forgetSignIn("teacher");
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("arriving", () => {
  test("a device that knows its token is in its group at once", async () => {
    start();
    await resume();
    expect(FakeSocket.last.asked("hello").params["token"]).toBe("tok");
    expect(session.state.get()).toMatchObject({ who: "somebody", group: { id: "g" } });
    await catchUp([message(1), message(2)], true);
    expect(shown(session)).toEqual(["m1", "m2"]);
    expect(session.state.get().timeline.hasOlder).toBe(true);
  });

  test("a token that is not good is forgotten, and a code still joins", async () => {
    start();
    FakeSocket.last.opens();
    FakeSocket.last.refuses("hello", "not_signed_in");
    await settle();
    expect(session.state.get().who).toBe("nobody");
    expect(session.token).toBeNull();
    const joining = session.join("CODE", "Me");
    FakeSocket.last.answers("cohort.join", { token: "new", session: hello().session });
    await joining;
    expect(session.token).toBe("new");
    expect(session.state.get().group?.id).toBe("g");
  });

  test("the page of the last visit stands before the server has answered, and claims nobody to be here", async () => {
    start();
    await resume();
    session.stop();
    start();
    expect(session.state.get()).toMatchObject({ who: "somebody", group: { id: "g" } });
    expect(session.state.get().group?.members.some((m) => m.here)).toBe(false);
  });

  test("a teacher opens the group that the page asks for, and again after a reconnect", async () => {
    rememberSignIn("teacher", { token: "teach", code: "" });
    start("teacher");
    session.openGroup("g");
    await resume(hello(null, person("me", "teacher")));
    expect(FakeSocket.last.asked("group.open").params).toEqual({ group: "g" });
    FakeSocket.last.answers("group.open", { group });
    await settle();
    expect(session.state.get().group?.id).toBe("g");
    await comeBack();
    await resume(hello(null, person("me", "teacher")));
    expect(FakeSocket.last.asked("group.open").params).toEqual({ group: "g" });
  });
});

describe("after a lost connection", () => {
  test("asks for what came after the last known, page by page, and merges", async () => {
    start();
    await resume();
    await catchUp([message(1), message(2)]);
    await comeBack();
    await resume();
    await catchUp([message(3), message(4)], true);
    expect(FakeSocket.last.asked("messages.history").params["after"]).toBe("1-4");
    FakeSocket.last.answers("messages.history", { messages: [message(5)], more: false });
    await settle();
    expect(shown(session)).toEqual(["m1", "m2", "m3", "m4", "m5"]);
  });

  test("leaves no hole where a message comes live before the missed ones are there", async () => {
    start();
    await resume();
    await catchUp([message(1)]);
    await comeBack();
    await resume();
    FakeSocket.last.says({ method: "messages.posted", params: { message: message(9) } });
    await comeBack(); // Lost again, in the middle of catching up.
    await resume();
    FakeSocket.last.answers("members.list", { members: group.members });
    await settle();
    expect(FakeSocket.last.asked("messages.history").params["after"]).toBe("1-1");
  });

  test("sends again, under the same id, what got no answer", async () => {
    start();
    await resume();
    await catchUp([]);
    session.send("hi");
    const first = FakeSocket.last.asked("messages.send").params;
    await comeBack();
    expect(session.state.get().outbox.length).toBe(1);
    await resume();
    await catchUp([]);
    expect(FakeSocket.last.asked("messages.send").params).toEqual(first);
    FakeSocket.last.answers("messages.send", { message: { ...message(1, "me"), id: first["id"] } });
    await settle();
    expect(session.state.get().outbox).toEqual([]);
    expect(shown(session)).toEqual([first["id"]]);
  });

  test("does not send what turns out to have been stored", async () => {
    start();
    await resume();
    await catchUp([message(1)]);
    session.send("hi");
    const id = FakeSocket.last.asked("messages.send").params["id"];
    await comeBack();
    await resume();
    await catchUp([{ ...message(2, "me"), id: id as string }]);
    expect(session.state.get().outbox).toEqual([]);
    expect(FakeSocket.last.sent.some((m) => m.method === "messages.send")).toBe(false);
  });
});

describe("the outbox", () => {
  test("outlives the page", async () => {
    start();
    await resume();
    session.send("written offline");
    session.stop();
    start();
    await resume();
    expect(session.state.get().outbox.map((m) => m.text)).toEqual(["written offline"]);
  });

  test("waits as long as the server asks for", async () => {
    start();
    await resume();
    await catchUp([]);
    session.send("hi");
    FakeSocket.last.refuses("messages.send", "rate_limited", { retry_after_ms: 700 });
    await vi.advanceTimersByTimeAsync(699);
    expect(FakeSocket.last.sent.filter((m) => m.method === "messages.send").length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.last.sent.filter((m) => m.method === "messages.send").length).toBe(2);
  });

  test("keeps what the store can't take, and sends it when the store is back", async () => {
    start();
    await resume();
    await catchUp([]);
    session.send("hi");
    FakeSocket.last.refuses("messages.send", "store_unavailable");
    await settle();
    expect(session.state.get().outbox[0]?.refused).toBeNull();
    FakeSocket.last.says({ method: "storage.changed", params: { available: true } });
    await settle();
    expect(FakeSocket.last.sent.filter((m) => m.method === "messages.send").length).toBe(2);
  });

  test("shows what the server refuses for good, goes on with the next, and can send it again", async () => {
    start();
    await resume();
    await catchUp([]);
    session.send("too long");
    session.send("next");
    FakeSocket.last.refuses("messages.send", "too_large");
    await settle();
    expect(FakeSocket.last.asked("messages.send").params["text"]).toBe("next");
    const [refused] = session.state.get().outbox;
    expect(refused?.refused).toBe("too_large");
    FakeSocket.last.answers("messages.send", {
      message: { ...message(1, "me"), id: FakeSocket.last.asked("messages.send").params["id"] },
    });
    await settle();
    session.sendAgain(refused?.id ?? "");
    expect(FakeSocket.last.asked("messages.send").params["text"]).toBe("too long");
  });
});

describe("news", () => {
  test("tells of others who come, and of their messages, not of one's own", async () => {
    start();
    const news: News[] = [];
    session.onNews((some) => void news.push(...some));
    await resume();
    await catchUp([]);
    FakeSocket.last.says({
      method: "members.changed",
      params: { group: "g", members: [member("me"), member("ana", true)] },
    });
    FakeSocket.last.says({ method: "messages.posted", params: { message: message(1) } });
    FakeSocket.last.says({ method: "messages.posted", params: { message: message(2, "me") } });
    expect(news).toEqual([
      { what: "came", name: "ANA" },
      { what: "message", name: "ANA" },
    ]);
  });

  test("ignores what is of another group", async () => {
    start();
    await resume();
    await catchUp([]);
    FakeSocket.last.says({
      method: "messages.posted",
      params: { message: { ...message(1), group: "other" } },
    });
    FakeSocket.last.says({ method: "members.changed", params: { group: "other", members: [] } });
    expect(shown(session)).toEqual([]);
    expect(session.state.get().group?.members.length).toBe(2);
  });
});

describe("the end", () => {
  test.each(["left", "removed", "expired"] as const)(
    "%s: forgets the token, and stands ready to join",
    async (reason) => {
      start();
      await resume();
      FakeSocket.last.says({ method: "session.ended", params: { reason } });
      FakeSocket.last.closes(1000);
      await settle();
      expect(session.state.get()).toMatchObject({ who: "nobody", ended: reason, group: null });
      expect(session.token).toBeNull();
      expect(FakeSocket.made.length).toBe(2);
      FakeSocket.last.opens();
      expect(FakeSocket.last.asked("hello").params).not.toHaveProperty("token");
    },
  );

  test("4401 is the end of the session too", async () => {
    start();
    await resume();
    FakeSocket.last.closes(4401);
    await settle();
    expect(session.state.get()).toMatchObject({ who: "nobody", ended: "expired" });
  });
});
