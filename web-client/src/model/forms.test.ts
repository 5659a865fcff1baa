import { expect, test } from "vitest";
import { limits } from "../protocol/generated/limits";
import { codeFromInput, codeProblem, nameProblem, trimmedName } from "./forms";

test("codes", () => {
  expect(codeProblem(" ")).toBe("empty");
  expect(codeProblem("abc")).toBe("wrong shape");
  expect(codeProblem("A".repeat(limits.codeMax + 1))).toBe("wrong shape");
  expect(codeProblem(" river 42 ")).toBeNull();
});

test("names", () => {
  expect(nameProblem(" \t ")).toBe("empty");
  expect(nameProblem("🌊".repeat(limits.name))).toBeNull();
  expect(nameProblem("🌊".repeat(limits.name + 1))).toBe("too long");
  expect(nameProblem("A\u202ena")).toBe("characters");
  expect(nameProblem("ليلى بنت أحمد")).toBeNull();
  expect(trimmedName("  Ana \n Lucía ")).toBe("Ana Lucía");
});

test("a pasted link is a code", () => {
  expect(codeFromInput("https://studium.example/join/RIVER-42?x")).toBe("RIVER-42");
  expect(codeFromInput("RIVER-42")).toBe("RIVER-42");
  expect(codeFromInput("http://x/join/river%2042")).toBe("river 42");
});
