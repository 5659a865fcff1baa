// What the page's one polite live region says. A screen reader that hears of every change hears nothing else,
// so news are gathered and said together, with at least this long between two sayings.

export const quietFor = 3000; // milliseconds

export interface Announcer<News> {
  readonly waiting: readonly News[];
  readonly lastSaid: number;
}

export const quietAnnouncer: Announcer<never> = { waiting: [], lastSaid: -Infinity };

export function hear<News>(now: Announcer<News>, news: readonly News[]): Announcer<News> {
  return news.length === 0 ? now : { ...now, waiting: [...now.waiting, ...news] };
}

/** When the next saying is due, by the clock of `clock`; nothing where all is said. */
export function dueAt<News>(now: Announcer<News>, clock: number): number | undefined {
  if (now.waiting.length === 0) return undefined;
  return Math.max(clock, now.lastSaid) + quietFor;
}

export function say<News>(now: Announcer<News>, clock: number): [Announcer<News>, readonly News[]] {
  return [{ waiting: [], lastSaid: clock }, now.waiting];
}
