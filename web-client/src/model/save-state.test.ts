import { describe, expect, test } from "vitest";
import { chipOf, initialSaveState, reduceSave, unsaved, type SaveEvent, type SaveState } from "./save-state";

const after = (...events: SaveEvent[]): SaveState => events.reduce(reduceSave, initialSaveState);
const edited = { type: "edited" } as const;
const connected = { type: "connected" } as const;
const sentUpdate = { type: "sent", frame: { kind: "update", empty: false } } as const;
const sentStep2 = { type: "sent", frame: { kind: "step2", empty: false } } as const;
const sentEmptyStep2 = { type: "sent", frame: { kind: "step2", empty: true } } as const;
const stored = (count: number) => ({ type: "stored", count }) as const;
const dropped = { type: "closed", code: 1006, comesBack: true } as const;
const keeps = { type: "device", keeps: true } as const;
const fails = { type: "device", keeps: false } as const;
const typed = [edited, sentUpdate] as const;
const joined = [keeps, connected, sentEmptyStep2, stored(1)] as const;

describe("the chip", () => {
  test("is saved on a page that nobody has typed on", () => {
    expect(chipOf(after(...joined))).toEqual({ state: "saved" });
  });

  test("waits for nothing where step 2 carries nothing", () => {
    expect(chipOf(after(keeps, connected, sentEmptyStep2))).toEqual({ state: "saved" });
  });

  test("counts several edits in flight, and goes down as they are stored", () => {
    const three = [...joined, ...typed, ...typed, ...typed];
    expect(chipOf(after(...three))).toEqual({ state: "sending", count: 3 });
    expect(chipOf(after(...three, stored(3)))).toEqual({ state: "sending", count: 1 });
    expect(chipOf(after(...three, stored(4)))).toEqual({ state: "saved" });
  });

  test("believes no count twice: an old one changes nothing", () => {
    expect(chipOf(after(...joined, ...typed, stored(1)))).toEqual({ state: "sending", count: 1 });
  });

  test("says sending from the key press on, before the frame has left", () => {
    expect(chipOf(after(...joined, edited))).toEqual({ state: "sending", count: 1 });
  });

  test("goes offline with edits in flight, and is saved again only when step 2 is stored", () => {
    const away = [...joined, ...typed, ...typed, dropped, edited];
    expect(chipOf(after(...away))).toEqual({ state: "offline" });
    expect(chipOf(after(...away, { type: "connecting again" }))).toEqual({ state: "sending", count: 3 });
    const back = [...away, connected];
    expect(chipOf(after(...back))).toEqual({ state: "sending", count: 3 });
    expect(chipOf(after(...back, sentStep2))).toEqual({ state: "sending", count: 3 });
    expect(chipOf(after(...back, sentStep2, stored(1)))).toEqual({ state: "saved" });
  });

  test("does not take an update that went out before step 2 to cover what was written offline", () => {
    const back = [...joined, dropped, edited, connected, ...typed];
    expect(chipOf(after(...back, stored(1)))).toEqual({ state: "sending", count: 2 });
    expect(chipOf(after(...back, stored(1), sentStep2, stored(2)))).toEqual({ state: "saved" });
  });

  test("does not mistake a count of the last socket for one of this", () => {
    const back = [...joined, ...typed, dropped, connected, sentStep2, ...typed];
    expect(chipOf(after(...back, stored(1)))).toEqual({ state: "sending", count: 1 });
    expect(chipOf(after(...back, stored(2)))).toEqual({ state: "saved" });
  });

  test("remembers what an earlier visit could not send", () => {
    const returning = [{ type: "left over from an earlier visit" }, keeps] as const;
    expect(chipOf(after(...returning))).toEqual({ state: "sending", count: 1 });
    expect(chipOf(after(...returning, connected, sentStep2))).toEqual({ state: "sending", count: 1 });
    expect(chipOf(after(...returning, connected, sentStep2, stored(1)))).toEqual({ state: "saved" });
  });

  test("waits for a step 2 that the server asks for again, even if nobody typed", () => {
    expect(chipOf(after(...joined, sentStep2))).toEqual({ state: "sending", count: 1 });
  });

  test("stays offline where the server says not to come back", () => {
    const out = after(...joined, ...typed, { type: "closed", code: 4401, comesBack: false });
    expect(chipOf(out)).toEqual({ state: "offline" });
    expect(out.stoppedBy).toBe(4401);
    expect(unsaved(out)).toBe(1);
  });

  test("counts attempts that fail in a row, for the page to say that something is wrong", () => {
    expect(after(...joined, dropped).failures).toBe(0);
    expect(after(...joined, dropped, dropped, dropped).failures).toBe(2);
    expect(after(...joined, dropped, dropped, connected).failures).toBe(0);
  });

  test("does not promise a device that cannot keep", () => {
    expect(chipOf(after(fails, connected, ...typed, dropped))).toEqual({ state: "unsaved", why: "offline" });
  });

  test("says that the store is away, and comes back", () => {
    const away = { type: "store changed", available: false } as const;
    const back = { type: "store changed", available: true } as const;
    expect(chipOf(after(...joined, away))).toEqual({ state: "unsaved", why: "store away, nothing waits" });
    expect(chipOf(after(...joined, away, ...typed))).toEqual({ state: "unsaved", why: "store away" });
    expect(chipOf(after(...joined, away, ...typed, back))).toEqual({ state: "sending", count: 1 });
    expect(chipOf(after(...joined, away, ...typed, back, stored(2)))).toEqual({ state: "saved" });
    expect(chipOf(after(...joined, away, ...typed, dropped))).toEqual({ state: "offline" });
  });
});
