import { describe, expect, test } from "vitest";
import type { Message, Person } from "../protocol/generated/types";
import type { Outgoing } from "./outbox";
import { comparePositions } from "./position";
import { emptyTimeline, entriesOf, mergeMessages, newest, oldest } from "./timeline";

const person = (id: string): Person => ({
  id,
  name: id,
  role: "student",
  school: { id: "s", name: "S" },
  time_zone: null,
});
const message = (number: number, from = "ana", sent = number * 1000): Message => ({
  id: `m${number}`,
  at: `1763760000000-${number}`,
  group: "g",
  from: person(from),
  text: `text ${number}`,
  sent,
});
const ids = (list: readonly Message[]) => list.map((m) => m.id);
const utcDay = (instant: number) => new Date(instant).toISOString().slice(0, 10);

test("positions are ordered by epoch, then number, as numbers", () => {
  const sorted = ["2-1", "1-10", "1-9", "1-9999999999999999", "10-0"].sort(comparePositions);
  expect(sorted).toEqual(["1-9", "1-10", "1-9999999999999999", "2-1", "10-0"]);
  expect(comparePositions("01-1", "1-01")).toBe(0);
});

describe("merging", () => {
  test("puts a page of history before what came live, and takes each message once", () => {
    const live = mergeMessages(emptyTimeline, [message(12)]);
    const all = mergeMessages(live, [message(9), message(10), message(12)]);
    expect(ids(all.messages)).toEqual(["m9", "m10", "m12"]);
    expect(oldest(all)).toBe("1763760000000-9");
    expect(newest(all)).toBe("1763760000000-12");
  });

  test("takes a message once even where one answer has it twice", () => {
    expect(ids(mergeMessages(emptyTimeline, [message(1), message(1)]).messages)).toEqual(["m1"]);
  });

  test("changes nothing where nothing is new", () => {
    const now = mergeMessages(emptyTimeline, [message(1)]);
    expect(mergeMessages(now, [message(1)])).toBe(now);
  });
});

describe("the list", () => {
  test("starts each day with its date, and groups what one person says in a row", () => {
    const day = 86_400_000;
    const timeline = mergeMessages(emptyTimeline, [
      message(1),
      message(2),
      message(3, "ren"),
      message(4, "ren", day + 1),
      message(5, "ren", day + 10 * 60_000),
    ]);
    const shown = entriesOf(timeline, [], utcDay).map((e) =>
      e.kind === "stored" ? `${e.message.id}${e.continues ? " continues" : ""}` : e.kind,
    );
    expect(shown).toEqual(["day", "m1", "m2 continues", "m3", "day", "m4", "m5"]);
  });

  test("shows what waits at the end, unless it has arrived", () => {
    const waiting = (id: string): Outgoing => ({ id, text: "x", written: 0, refused: null });
    const timeline = mergeMessages(emptyTimeline, [message(1)]);
    const shown = entriesOf(timeline, [waiting("m1"), waiting("m2")], utcDay).map((e) => e.key);
    expect(shown).toEqual(["day 1970-01-01 m1", "m1", "m2"]);
  });
});
