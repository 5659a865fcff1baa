import { expect, test } from "vitest";
import { backoffDelay, backoffLimits } from "./backoff";

test("the range doubles up to its limit", () => {
  const longest = [0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffDelay(attempt, 1));
  expect(longest).toEqual([600, 1200, 2400, 4800, 9600, 10_000, 10_000]);
});

test.each([0, 0.25, 0.999])("never leaves the limits (random %d)", (random) => {
  for (let attempt = 0; attempt < 40; ++attempt) {
    expect(backoffDelay(attempt, random)).toBeGreaterThanOrEqual(backoffLimits.first);
    expect(backoffDelay(attempt, random)).toBeLessThanOrEqual(backoffLimits.last);
  }
});
