// Places in a room's log: "epoch-number", ordered by epoch, then number. Up to 16 digits each: compared as
// text, for a double does not hold them all.

/** Negative where `a` comes before `b`, 0 where they are the same. */
export function comparePositions(a: string, b: string): number {
  const [epochA = "", numberA = ""] = a.split("-");
  const [epochB = "", numberB = ""] = b.split("-");
  return compareDigits(epochA, epochB) || compareDigits(numberA, numberB);
}

function compareDigits(a: string, b: string): number {
  const width = Math.max(a.length, b.length);
  const left = a.padStart(width, "0");
  const right = b.padStart(width, "0");
  return left < right ? -1 : left > right ? 1 : 0;
}
