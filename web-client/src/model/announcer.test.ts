import { expect, test } from "vitest";
import { hear, quietAnnouncer, say, type Announcer } from "./announcer";

test("gathers what is heard and says it together, once", () => {
  const heard: Announcer<string> = hear(hear<string>(quietAnnouncer, ["a"]), ["b", "c"]);
  const [after, said] = say(heard);
  expect(said).toEqual(["a", "b", "c"]);
  expect(say(after)[1]).toEqual([]);
});

test("keeps the latest where there is more than anybody listens to", () => {
  const many = Array.from({ length: 100 }, (_, i) => i);
  const [, said] = say(hear<number>(quietAnnouncer, many));
  expect(said.at(-1)).toBe(99);
  expect(said.length).toBeLessThan(20);
});
