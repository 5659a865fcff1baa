import { expect, test } from "vitest";
import { dayDifference, isTimeZone, localDay, minuteOfDay, partOfDay } from "./time";

const noonUtc = Date.parse("2026-03-29T12:00:00Z");

test("knows the clock of other places, summer time and half hours included", () => {
  expect(minuteOfDay(noonUtc, "America/Bogota")).toBe(7 * 60);
  expect(minuteOfDay(noonUtc, "Asia/Tokyo")).toBe(21 * 60);
  expect(minuteOfDay(noonUtc, "Europe/Berlin")).toBe(14 * 60);
  expect(minuteOfDay(noonUtc - 86_400_000, "Europe/Berlin")).toBe(13 * 60);
  expect(minuteOfDay(noonUtc, "Asia/Kolkata")).toBe(17 * 60 + 30);
  expect(minuteOfDay(Date.parse("2026-01-01T00:00:00Z"), "UTC")).toBe(0);
});

test("says nothing of a zone it does not know", () => {
  expect(isTimeZone("Mars/Olympus")).toBe(false);
  expect(minuteOfDay(noonUtc, "Mars/Olympus")).toBeUndefined();
});

test("knows that it is already tomorrow elsewhere", () => {
  const evening = Date.parse("2026-03-29T23:00:00Z");
  expect(localDay(evening, "Asia/Tokyo")).toBe("2026-03-30");
  expect(dayDifference(evening, "Asia/Tokyo", "America/Bogota")).toBe(1);
  expect(dayDifference(evening, "America/Bogota", "Asia/Tokyo")).toBe(-1);
  expect(dayDifference(noonUtc, "Europe/Berlin", "Asia/Tokyo")).toBe(0);
});

test.each([
  [0, "night"],
  [359, "night"],
  [360, "morning"],
  [540, "day"],
  [1080, "evening"],
  [1320, "night"],
] as const)("minute %i is %s", (minute, part) => {
  expect(partOfDay(minute)).toBe(part);
});
