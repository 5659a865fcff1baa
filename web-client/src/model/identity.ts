// How a person looks on everybody's page: the same on each, without anybody having to say so.

/** Six-digit hex (the caret plugin takes no other); each has at least 4.5:1 against white. */
export const personColours = [
  "#a8421f",
  "#0b6e69",
  "#6a4fb3",
  "#8a5a00",
  "#1d63a8",
  "#a02b5f",
  "#3f6b1f",
  "#7a4a35",
] as const;

export type PersonColour = (typeof personColours)[number];

export function colourIndex(id: string): number {
  let hash = 2166136261; // FNV-1a, 32 bits
  for (let i = 0; i < id.length; ++i) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return (hash >>> 0) % personColours.length;
}

/**
 * Colours for the members of one group, different as long as there are enough: each takes the one of their id,
 * or the next that is free. Everybody gets the same answer from the same list.
 */
export function assignColours(ids: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  const free = new Set(personColours.keys());
  for (const id of ids) {
    if (free.size === 0) personColours.forEach((_, index) => free.add(index));
    let index = colourIndex(id);
    while (!free.has(index)) index = (index + 1) % personColours.length;
    free.delete(index);
    taken.set(id, index);
  }
  return taken;
}

export const colourAt = (index: number): PersonColour => personColours[index] ?? personColours[0];

/** One or two letters to stand for a name, in any script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    firstLetter(word ?? ""),
  );
  return letters.join("").toLocaleUpperCase();
}

function firstLetter(word: string): string {
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word);
  return segments[Symbol.iterator]().next().value?.segment ?? "";
}
