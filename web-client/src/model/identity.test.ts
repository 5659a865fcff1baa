import { expect, test } from "vitest";
import { assignColours, colourAt, colourIndex, initials, personColours } from "./identity";

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
  expect(colourAt(colourIndex("p-1"))).toBe(colourAt(colourIndex("p-1")));
  expect(new Set(Array.from({ length: 200 }, (_, i) => colourIndex(`p-${i}`))).size).toBe(
    personColours.length,
  );
});

test("members of a group differ, as long as there are colours", () => {
  const ids = Array.from({ length: 16 }, (_, i) => `p-${i}`);
  const first = assignColours(ids.slice(0, personColours.length));
  expect(new Set(first.values()).size).toBe(personColours.length);
  expect(assignColours(ids).size).toBe(16);
  // Whoever comes later takes nobody's colour.
  for (const [id, index] of assignColours(ids.slice(0, 3))) expect(first.get(id)).toBe(index);
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
