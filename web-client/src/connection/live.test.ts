import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeSocket } from "./fake-socket";
import { Live, timing, type CallFailed, type LiveEvent } from "./live";
import type { HelloResult } from "../protocol/generated/types";

const hello: HelloResult = { protocol: 1, server: "test", now: 0, session: null };
const settle = () => vi.advanceTimersByTimeAsync(0);

function make() {
  const greeted: (HelloResult | null)[] = [];
  const events: LiveEvent[] = [];
  const live: Live = new Live({
    url: "ws://test/live",
    hello: () => ({ protocol: 1, client: "test" }),
    onHello: (answer) => void greeted.push(answer),
    onEvent: (event) => void events.push(event),
    heartbeat: () => live.call("members.list", {}),
  });
  live.start();
  return { live, greeted, events };
}

async function open(live: Live) {
  FakeSocket.last.opens();
  FakeSocket.last.says({ id: FakeSocket.last.sent[0]?.id, result: hello });
  await settle();
  expect(live.link.get().at).toBe("open");
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a socket", () => {
  test("says hello first, and takes no call before the answer", async () => {
    const { live, greeted } = make();
    FakeSocket.last.opens();
    expect(FakeSocket.last.sent.map((m) => m.method)).toEqual(["hello"]);
    await expect(live.call("members.list", {})).rejects.toMatchObject({ kind: "offline" });
    FakeSocket.last.says({ id: 1, result: hello });
    await settle();
    expect(greeted).toEqual([hello]);
  });

  test("stays open for a guest whose token is not good", async () => {
    const { live, greeted } = make();
    FakeSocket.last.opens();
    FakeSocket.last.says({ id: 1, error: { code: -32001, message: "", data: { kind: "not_signed_in" } } });
    await settle();
    expect(greeted).toEqual([null]);
    expect(live.link.get().at).toBe("open");
  });

  test("matches answers to calls, whatever their order", async () => {
    const { live } = make();
    await open(live);
    const first = live.call("members.list", {});
    const second = live.call("groups.list", {});
    FakeSocket.last.says({ id: 3, result: { groups: [] } });
    FakeSocket.last.says({
      id: 2,
      error: { code: -32005, message: "", data: { kind: "rate_limited", retry_after_ms: 700 } },
    });
    await expect(second).resolves.toEqual({ groups: [] });
    await expect(first).rejects.toMatchObject({ kind: "rate_limited", retryAfter: 700 });
  });

  test("hands on events", async () => {
    const { live, events } = make();
    await open(live);
    FakeSocket.last.says({ method: "storage.changed", params: { available: false } });
    expect(events).toEqual([{ name: "storage.changed", params: { available: false } }]);
  });
});

describe("a lost connection", () => {
  test("fails what waited, comes back by itself, and says hello again", async () => {
    const { live, greeted } = make();
    await open(live);
    const call = live.call("members.list", {}).catch((f: unknown) => f as CallFailed);
    FakeSocket.last.closes(1006);
    expect(await call).toMatchObject({ kind: "offline" });
    expect(live.link.get().at).toBe("away");
    await vi.advanceTimersByTimeAsync(600);
    expect(FakeSocket.made.length).toBe(2);
    await open(live);
    expect(greeted.length).toBe(2);
  });

  test("waits longer after each failure", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    make();
    for (const wait of [600, 1200, 2400, 4800, 9600, 10_000, 10_000]) {
      const before = FakeSocket.made.length;
      FakeSocket.last.closes(1006);
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSocket.made.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.made.length).toBe(before + 1);
    }
  });

  test("is tried at once when the network is back", async () => {
    const { live } = make();
    await open(live);
    live.networkLost();
    expect(live.link.get().at).toBe("away");
    live.nudge();
    expect(FakeSocket.made.length).toBe(2);
  });

  test("stays lost where the server said so, until somebody asks", async () => {
    const { live } = make();
    await open(live);
    FakeSocket.last.closes(4401);
    expect(live.link.get()).toEqual({ at: "stopped", code: 4401 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made.length).toBe(1);
    live.nudge();
    expect(FakeSocket.made.length).toBe(2);
  });

  test("is noticed by silence: a heartbeat that nobody answers", async () => {
    const { live } = make();
    await open(live);
    await vi.advanceTimersByTimeAsync(timing.silence + 5_000);
    expect(FakeSocket.made[0]?.sent.at(-1)?.method).toBe("members.list");
    await vi.advanceTimersByTimeAsync(timing.answer);
    expect(live.link.get().at).not.toBe("open");
  });

  test("a socket that never opens is given up", async () => {
    make();
    await vi.advanceTimersByTimeAsync(timing.answer + 600);
    expect(FakeSocket.made.length).toBe(2);
  });

  test("nothing is heard from a socket that was let go", async () => {
    const { live, events } = make();
    await open(live);
    const old = FakeSocket.last;
    live.stop();
    old.says({ method: "storage.changed", params: { available: false } });
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made.length).toBe(1);
  });
});
