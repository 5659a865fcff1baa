import { expect, test } from "vitest";
import { pathOf, routeOf, tokenOfFragment, type Route } from "./routes";

const table: [string, Route][] = [
  ["/", { page: "enter" }],
  ["/join/RIVER-42", { page: "join", code: "RIVER-42" }],
  ["/join/river%2042", { page: "join", code: "river 42" }],
  ["/group", { page: "group" }],
  ["/teach", { page: "teach" }],
  ["/teach/g_1-A", { page: "teach group", group: "g_1-A" }],
];

test.each(table)("%s", (path, route) => {
  expect(routeOf(path)).toEqual(route);
  expect(routeOf(pathOf(route))).toEqual(route);
});

test.each(["/nowhere", "/teach/a/b", "/teach/a.b", "/group/x", "/join/a/b"])("%s is no page", (path) => {
  expect(routeOf(path)).toEqual({ page: "unknown" });
});

test("forgives a slash at the end, and an escape that is none", () => {
  expect(routeOf("/group/")).toEqual({ page: "group" });
  expect(routeOf("/join/")).toEqual({ page: "enter" });
  expect(routeOf("/join/%E0%A4%A")).toEqual({ page: "join", code: "%E0%A4%A" });
});

test("takes a token from the fragment, and nothing that cannot be one", () => {
  expect(tokenOfFragment("#abc_DEF-1")).toBe("abc_DEF-1");
  for (const none of ["", "#", "#a b", "#" + "t".repeat(129), "#é"])
    expect(tokenOfFragment(none)).toBeUndefined();
});
