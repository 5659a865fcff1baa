// What the chip says about the notes. The rule behind it: an edit is saved when, and only when, the server's
// count of stored frames covers the frame that carried it.
//
// Frames are numbered from 1 on each socket (sync step 2 and update, in the order sent), and the server's count
// is cumulative in that order. Edits are numbered over the life of the page. A frame covers every edit up to
// the moment it was sent if the socket's step 2 went out before it (or is it): step 2 carries all that the
// server lacked, and every later edit has had its own frame. An update frame that goes out earlier than step 2
// covers no earlier edit, so it is not taken to cover any.

export interface Frame {
  readonly kind: "step2" | "update";
  /** A step 2 that says "you lack nothing". It is counted by the server, yet carries nothing to wait for. */
  readonly empty: boolean;
}

interface SentFrame {
  readonly number: number;
  readonly covers: number;
  readonly empty: boolean;
}

export interface SaveState {
  readonly link: "connecting" | "open" | "away" | "stopped";
  /** The close code with which the server said not to come back. */
  readonly stoppedBy: number | null;
  /** Attempts in a row that ended before a connection stood. */
  readonly failures: number;
  /** Whether the server's store takes changes, as far as this socket was told. */
  readonly storeAvailable: boolean;
  readonly edits: number;
  readonly safe: number;
  readonly frames: number;
  readonly caughtUp: boolean;
  readonly inFlight: readonly SentFrame[];
  /** Whether this device keeps the notes: unknown while it has not been tried. */
  readonly device: "unknown" | "keeps" | "fails";
}

export type SaveEvent =
  | { readonly type: "left over from an earlier visit" }
  | { readonly type: "edited" }
  | { readonly type: "connected" }
  | { readonly type: "sent"; readonly frame: Frame }
  | { readonly type: "stored"; readonly count: number }
  | { readonly type: "store changed"; readonly available: boolean }
  | { readonly type: "closed"; readonly code: number | null; readonly comesBack: boolean }
  | { readonly type: "connecting again" }
  | { readonly type: "device"; readonly keeps: boolean };

export const initialSaveState: SaveState = {
  link: "connecting",
  stoppedBy: null,
  failures: 0,
  storeAvailable: true,
  edits: 0,
  safe: 0,
  frames: 0,
  caughtUp: false,
  inFlight: [],
  device: "unknown",
};

export function reduceSave(now: SaveState, event: SaveEvent): SaveState {
  switch (event.type) {
    // What an earlier visit could not send is in the document that IndexedDB gives back: step 2 covers it.
    case "left over from an earlier visit":
    case "edited":
      return { ...now, edits: now.edits + 1 };
    case "connected":
      return { ...now, link: "open", stoppedBy: null, failures: 0, storeAvailable: true, ...noFrames };
    case "sent":
      return withFrame(now, event.frame);
    case "stored":
      return {
        ...now,
        safe: now.inFlight.reduce(
          (safe, f) => (f.number <= event.count ? Math.max(safe, f.covers) : safe),
          now.safe,
        ),
        inFlight: now.inFlight.filter((f) => f.number > event.count),
      };
    case "store changed":
      return { ...now, storeAvailable: event.available };
    case "closed":
      return {
        ...now,
        ...noFrames,
        storeAvailable: true,
        failures: now.link === "open" ? 0 : now.failures + 1,
        link: event.comesBack ? "away" : "stopped",
        stoppedBy: event.comesBack ? null : event.code,
      };
    case "connecting again":
      return { ...now, link: "connecting", stoppedBy: null };
    case "device":
      return { ...now, device: event.keeps ? "keeps" : "fails" };
  }
}

const noFrames = { frames: 0, caughtUp: false, inFlight: [] } as const;

function withFrame(now: SaveState, frame: Frame): SaveState {
  const caughtUp = now.caughtUp || frame.kind === "step2";
  const number = now.frames + 1;
  const sent: SentFrame = { number, covers: caughtUp ? now.edits : 0, empty: frame.empty };
  return { ...now, caughtUp, frames: number, inFlight: [...now.inFlight, sent] };
}

/** How many changes (or frames, where they are more) the server has not said to be stored. */
export function unsaved(now: SaveState): number {
  return Math.max(now.edits - now.safe, now.inFlight.filter((f) => !f.empty).length);
}

export type Chip =
  | { readonly state: "saved" }
  | { readonly state: "sending"; readonly count: number }
  | { readonly state: "offline" }
  | { readonly state: "unsaved"; readonly why: "offline" | "store away" | "store away, nothing waits" };

/** What the chip shows; its `state` is the chip's data-state. */
export function chipOf(now: SaveState): Chip {
  const waiting = unsaved(now);
  switch (now.link) {
    case "away":
    case "stopped":
      return now.device === "fails" ? { state: "unsaved", why: "offline" } : { state: "offline" };
    case "connecting":
      return waiting > 0 ? { state: "sending", count: waiting } : { state: "saved" };
    case "open":
      if (!now.storeAvailable)
        return { state: "unsaved", why: waiting > 0 ? "store away" : "store away, nothing waits" };
      return waiting > 0 ? { state: "sending", count: waiting } : { state: "saved" };
  }
}
