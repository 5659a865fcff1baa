import { expect, test } from "vitest";
import { dueAt, hear, quietAnnouncer, quietFor, say, type Announcer } from "./announcer";

test("gathers what is heard and says it together, with silence between", () => {
  let now: Announcer<string> = quietAnnouncer;
  expect(dueAt(now, 0)).toBeUndefined();
  now = hear(hear(now, ["a"]), ["b", "c"]);
  expect(dueAt(now, 1000)).toBe(1000 + quietFor);
  const [after, said] = say(now, 4000);
  expect(said).toEqual(["a", "b", "c"]);
  expect(dueAt(after, 4000)).toBeUndefined();
  expect(dueAt(hear(after, ["d"]), 4001)).toBe(4001 + quietFor);
});
