// The group's messages as this device knows them: those that the server stored, in the order of its log, and
// those of our own that wait in the outbox. Merging is by id, so hearing of a message twice is harmless.

import type { Message, Position } from "../protocol/generated/types";
import type { Outgoing } from "./outbox";
import { comparePositions } from "./position";

export interface Timeline {
  readonly messages: readonly Message[];
  /** Unknown before the first page of history has come. */
  readonly hasOlder: boolean | null;
}

export const emptyTimeline: Timeline = { messages: [], hasOlder: null };

export function mergeMessages(now: Timeline, incoming: readonly Message[]): Timeline {
  const known = new Set(now.messages.map((m) => m.id));
  const fresh = incoming.filter((m) => !known.has(m.id) && known.add(m.id));
  if (fresh.length === 0) return now;
  const messages = [...now.messages, ...fresh].sort((a, b) => comparePositions(a.at, b.at));
  return { ...now, messages };
}

export const oldest = (now: Timeline): Position | undefined => now.messages[0]?.at;
export const newest = (now: Timeline): Position | undefined => now.messages.at(-1)?.at;

export type Entry =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "stored"; readonly key: string; readonly message: Message; readonly continues: boolean }
  | { readonly kind: "waiting"; readonly key: string; readonly outgoing: Outgoing };

/** Messages of one author within this many milliseconds stand together under one name. */
export const togetherWithin = 5 * 60_000;

/** What the list shows, top to bottom. `dayOf` names the local day of an instant. */
export function entriesOf(
  timeline: Timeline,
  outbox: readonly Outgoing[],
  dayOf: (instant: number) => string,
): readonly Entry[] {
  const entries: Entry[] = [];
  let previous: Message | undefined;
  for (const message of timeline.messages) {
    const newDay = previous === undefined || dayOf(previous.sent) !== dayOf(message.sent);
    if (newDay)
      entries.push({ kind: "day", key: `day ${dayOf(message.sent)} ${message.id}`, at: message.sent });
    const continues =
      !newDay && previous?.from.id === message.from.id && message.sent - previous.sent < togetherWithin;
    entries.push({ kind: "stored", key: message.id, message, continues });
    previous = message;
  }
  const known = new Set(timeline.messages.map((m) => m.id));
  for (const outgoing of outbox)
    if (!known.has(outgoing.id)) entries.push({ kind: "waiting", key: outgoing.id, outgoing });
  return entries;
}
