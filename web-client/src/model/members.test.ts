import { expect, test } from "vitest";
import type { Member } from "../protocol/generated/types";
import { inOrder, memberNews } from "./members";

const member = (id: string, here: boolean, joined = true): Member => ({
  person: { id, name: id.toUpperCase(), role: "student", school: { id: "s", name: "S" }, time_zone: null },
  here,
  joined,
});

test("tells who came, went, joined and left, and never about the reader", () => {
  const before = [member("me", false), member("ana", false), member("bo", true), member("cy", false, false)];
  const after = [member("me", true), member("ana", true), member("cy", true, true), member("di", true)];
  expect(memberNews(before, after, "me")).toEqual([
    { what: "came", name: "ANA" },
    { what: "joined", name: "CY" },
    { what: "joined", name: "DI" },
    { what: "left", name: "BO" },
  ]);
  expect(
    memberNews(
      after,
      [member("me", true), member("ana", false), member("cy", true), member("di", true)],
      "me",
    ),
  ).toEqual([{ what: "went", name: "ANA" }]);
});

test("a seat that waits is no news", () => {
  expect(memberNews([], [member("cy", false, false)], "me")).toEqual([]);
});

test("the reader stands first, who is here before who is not", () => {
  const list = [
    member("z", false, false),
    member("b", false),
    member("c", true),
    member("a", true),
    member("me", false),
  ];
  expect(inOrder(list, "me").map((m) => m.person.id)).toEqual(["me", "a", "c", "b", "z"]);
});
