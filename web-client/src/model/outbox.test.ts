import { expect, test } from "vitest";
import { add, nextToSend, parseOutbox, refuse, remove, retry, type Outbox, type Outgoing } from "./outbox";

const outgoing = (id: string): Outgoing => ({ id, text: id, written: 1, refused: null });
const two: Outbox = add(add([], outgoing("a")), outgoing("b"));

test("sends in the order written", () => {
  expect(nextToSend(two)?.id).toBe("a");
  expect(nextToSend(remove(two, "a"))?.id).toBe("b");
  expect(nextToSend([])).toBeUndefined();
});

test("goes on with the next where one is refused, and tries that again at the end", () => {
  const refused = refuse(two, "a", "too_large");
  expect(nextToSend(refused)?.id).toBe("b");
  const again = retry(refused, "a");
  expect(again.map((m) => m.id)).toEqual(["b", "a"]);
  expect(again.every((m) => m.refused === null)).toBe(true);
  expect(retry(two, "unknown")).toBe(two);
});

test("survives a reload, and whatever else may stand in the storage", () => {
  expect(parseOutbox(JSON.stringify(two))).toEqual(two);
  for (const text of [null, "", "{", "7", "null", '{"id":"a"}', '[1,null,{"id":"a"},{"id":1,"text":"x"}]'])
    expect(parseOutbox(text)).toEqual([]);
});
