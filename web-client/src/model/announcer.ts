// What the page's one polite live region says. A screen reader that hears of every change hears nothing else,
// so news are gathered, and said together when it has been quiet for a while.

/** From the first of the news to the saying of them all, ms. */
export const quietFor = 3000;

export interface Announcer<News> {
  readonly waiting: readonly News[];
}

/** More than this at once is not listened to: the latest matter. */
const mostAtOnce = 12;

export const quietAnnouncer: Announcer<never> = { waiting: [] };

export function hear<News>(now: Announcer<News>, news: readonly News[]): Announcer<News> {
  return { waiting: [...now.waiting, ...news].slice(-mostAtOnce) };
}

export function say<News>(now: Announcer<News>): [Announcer<News>, readonly News[]] {
  return [{ waiting: [] }, now.waiting];
}
