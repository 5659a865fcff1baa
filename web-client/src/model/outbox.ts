// Messages of ours that the server has not said to be stored. They are sent one after the other in the order
// written, and again after every reconnect: the id, made here, lets the server know a repeat.

export interface Outgoing {
  readonly id: string;
  readonly text: string;
  /** When it was written, by this device's clock, in milliseconds. */
  readonly written: number;
  /** The server's reason not to take it; null while it waits for its turn or for an answer. */
  readonly refused: string | null;
}

export type Outbox = readonly Outgoing[];

export const add = (now: Outbox, message: Outgoing): Outbox => [...now, message];
export const remove = (now: Outbox, id: string): Outbox => now.filter((m) => m.id !== id);
export const refuse = (now: Outbox, id: string, kind: string): Outbox =>
  now.map((m) => (m.id === id ? { ...m, refused: kind } : m));
/** Back to the end of the queue. */
export const retry = (now: Outbox, id: string): Outbox => {
  const message = now.find((m) => m.id === id);
  return message === undefined ? now : [...remove(now, id), { ...message, refused: null }];
};
export const nextToSend = (now: Outbox): Outgoing | undefined => now.find((m) => m.refused === null);

/** Reads what an earlier visit kept. Anything unreadable is dropped: it was never promised. */
export function parseOutbox(text: string | null): Outbox {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isOutgoing) : [];
  } catch {
    return [];
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  if (typeof value !== "object" || value === null) return false;
  const m = value as Record<string, unknown>;
  return (
    typeof m["id"] === "string" &&
    typeof m["text"] === "string" &&
    typeof m["written"] === "number" &&
    (m["refused"] === null || typeof m["refused"] === "string")
  );
}
