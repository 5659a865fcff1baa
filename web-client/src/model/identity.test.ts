import { expect, test } from "vitest";
import { colourIndex, colourOf, initials, personColours } from "./identity";

function luminance(hex: string): number {
  const channel = (at: number) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

test.each(personColours)("%s is a six-digit colour that white text is readable on", (colour) => {
  expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThanOrEqual(4.5);
});

test("one person has one colour, and people differ", () => {
  expect(colourOf("p-1")).toBe(colourOf("p-1"));
  expect(new Set(Array.from({ length: 200 }, (_, i) => colourIndex(`p-${i}`))).size).toBe(personColours.length);
});

test.each([
  ["Ana Lucía", "AL"],
  ["  ren ", "R"],
  ["ليلى بنت أحمد", "لأ"],
  ["大阪 れん", "大れ"],
  ["👩‍🔬 Ana", "👩‍🔬A"],
  ["", ""],
])("initials of %j", (name, letters) => {
  expect(initials(name)).toBe(letters);
});
