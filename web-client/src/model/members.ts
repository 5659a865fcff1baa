// Who is in the group: their order on the page, and what changed between two lists.

import type { Member } from "../protocol/generated/types";

export interface MemberNews {
  readonly what: "came" | "went" | "joined" | "left";
  readonly name: string;
}

/** What to tell about, from one list to the next, leaving out the reader. */
export function memberNews(
  before: readonly Member[],
  after: readonly Member[],
  me: string,
): readonly MemberNews[] {
  const old = new Map(before.map((m) => [m.person.id, m]));
  const stays = new Set(after.map((m) => m.person.id));
  const news: MemberNews[] = [];
  for (const { person, here, joined } of after) {
    if (person.id === me) continue;
    const was = old.get(person.id);
    if (joined && !was?.joined) news.push({ what: "joined", name: person.name });
    else if (here !== (was?.here ?? false)) news.push({ what: here ? "came" : "went", name: person.name });
  }
  for (const { person } of before)
    if (!stays.has(person.id) && person.id !== me) news.push({ what: "left", name: person.name });
  return news;
}

/** The reader first, then who is here, then who has been, then seats that wait; by name among equals. */
export function inOrder(members: readonly Member[], me: string): readonly Member[] {
  const rank = (m: Member) => (m.person.id === me ? 0 : m.here ? 1 : m.joined ? 2 : 3);
  return [...members].sort((a, b) => rank(a) - rank(b) || a.person.name.localeCompare(b.person.name));
}
