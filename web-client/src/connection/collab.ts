// The group's shared document: kept on this device, synchronised with the stock y-websocket provider, and
// honest about what is stored. What the chip says is decided in model/save-state.ts; here are its ears.

import * as decoding from "lib0/decoding";
import { IndexeddbPersistence } from "y-indexeddb";
import { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { mayReconnect } from "../model/close-codes";
import {
  initialSaveState,
  reduceSave,
  type Frame,
  type SaveEvent,
  type SaveState,
} from "../model/save-state";
import { Store } from "../model/store";
import { forget, freshId, indexedDbWorks, keysBeginning, remember } from "./device";

/** Message types that the server adds for who asks with ack=1 (protocol/collab/y_websocket.hpp). */
const storedType = 64;
const storageType = 65;

const syncType = 0;
const step2 = 1;
const update = 2;

/** A socket that says nothing and takes nothing for so long, while edits wait, is dead, ms. */
const stallAfter = 15_000;
/** How long the device may take to open its copy before we go on without, ms. */
const deviceDeadline = 5_000;

export interface CaretUser {
  readonly name: string;
  readonly color: string;
  readonly school: string;
}

export interface CollabOptions {
  /** ws(s)://host/collab */
  readonly url: string;
  readonly workspace: string;
  readonly token: string;
  readonly user: CaretUser;
}

/** What a frame of ours carries, if it is one that the server counts. */
export function countedFrame(bytes: Uint8Array): Frame | null {
  if (bytes[0] !== syncType || (bytes[1] !== step2 && bytes[1] !== update)) return null;
  const isEmpty = bytes.length === 5 && bytes[2] === 2 && bytes[3] === 0 && bytes[4] === 0;
  return { kind: bytes[1] === step2 ? "step2" : "update", empty: isEmpty };
}

export class Collab {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly save = new Store<SaveState>(initialSaveState);
  /** The notes as far as this device has them are in `doc`. */
  readonly ready = new Store(false);
  readonly #provider: WebsocketProvider;
  readonly #workspace: string;
  #user: CaretUser;
  readonly #mark: string;
  readonly #inherited: readonly string[];
  #persistence: IndexeddbPersistence | null = null;
  #destroyed = false;
  #checkingDevice = false;
  #checkDeviceAgain = false;
  #lastDeviceKey: IDBValidKey | undefined;
  #stalled = { since: 0, buffered: 0 };
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor({ url, workspace, token, user }: CollabOptions) {
    this.#workspace = workspace;
    this.#user = user;
    const marks = `unsent.${workspace}.`;
    this.#inherited = keysBeginning(marks);
    this.#mark = marks + freshId();
    if (this.#inherited.length > 0) this.#on({ type: "left over from an earlier visit" });

    // Ours first: an edit must be known before the provider sends the frame that covers it.
    this.doc.on("update", this.#onUpdate);
    this.#provider = this.#makeProvider(url, workspace, token);
    this.awareness.setLocalStateField("user", user);
    this.save.subscribe(() => this.#keepMarks());
    window.addEventListener("online", this.#comeBack);
    window.addEventListener("offline", this.#networkLost);
    window.addEventListener("pagehide", this.#hide);
    window.addEventListener("pageshow", this.#show);
    document.addEventListener("visibilitychange", this.#comeBackIfVisible);
    void this.#open();
  }

  get user(): CaretUser {
    return this.#user;
  }

  /** How others see this caret from now on. */
  setUser(user: CaretUser): void {
    this.#user = user;
    if (this.awareness.getLocalState() !== null) this.awareness.setLocalStateField("user", user);
  }

  /** After a close that the server meant: somebody asked to try again. */
  tryAgain(): void {
    this.#on({ type: "connecting again" });
    this.#reconnect();
  }

  destroy(): void {
    this.#destroyed = true;
    clearInterval(this.#watch);
    window.removeEventListener("online", this.#comeBack);
    window.removeEventListener("offline", this.#networkLost);
    window.removeEventListener("pagehide", this.#hide);
    window.removeEventListener("pageshow", this.#show);
    document.removeEventListener("visibilitychange", this.#comeBackIfVisible);
    this.#provider.destroy();
    this.awareness.destroy();
    this.doc.destroy();
  }

  /** Also takes the copy off this device. */
  async forgetAndDestroy(): Promise<void> {
    const persistence = this.#persistence;
    this.destroy();
    for (const mark of [...this.#inherited, this.#mark]) forget(mark);
    await persistence?.clearData();
  }

  #on(event: SaveEvent): void {
    this.save.update((now) => reduceSave(now, event));
  }

  #makeProvider(url: string, workspace: string, token: string): WebsocketProvider {
    const onSend = (socket: WebSocket, data: unknown) => {
      const frame = data instanceof Uint8Array ? countedFrame(data) : null;
      if (frame !== null && socket === this.#provider.ws) this.#on({ type: "sent", frame });
    };
    class CountingSocket extends WebSocket {
      override send(data: Parameters<WebSocket["send"]>[0]): void {
        // Counted before it leaves: the answer can't overtake the count.
        onSend(this, data);
        super.send(data);
      }
    }
    const provider = new WebsocketProvider(url, workspace, this.doc, {
      connect: false,
      awareness: this.awareness,
      params: { token, ack: "1" },
      WebSocketPolyfill: CountingSocket,
      // Between tabs of one browser too, everything goes by the server: only then is each tab's count true.
      disableBc: true,
      maxBackoffTime: 6_000 + Math.round(Math.random() * 4_000),
      shouldReconnect: ({ code }) => mayReconnect(code),
    });
    provider.messageHandlers[storedType] = (_encoder, decoder) =>
      this.#on({ type: "stored", count: decoding.readVarUint(decoder) });
    provider.messageHandlers[storageType] = (_encoder, decoder) =>
      this.#on({ type: "store changed", available: decoding.readVarUint(decoder) !== 0 });
    provider.on("status", ({ status }) => {
      if (status === "connected") this.#connected();
    });
    provider.on("connection-close", (event) =>
      this.#on({
        type: "closed",
        code: event?.code ?? null,
        comesBack: event === null || mayReconnect(event.code),
      }),
    );
    return provider;
  }

  async #open(): Promise<void> {
    if (await indexedDbWorks()) await this.#openDeviceCopy();
    else this.#on({ type: "device", keeps: false });
    if (this.#destroyed) return;
    this.ready.set(true);
    this.#provider.connect();
    this.#watch = setInterval(() => this.#lookForStall(), 3_000);
  }

  async #openDeviceCopy(): Promise<void> {
    if (this.#destroyed) return;
    const persistence = new IndexeddbPersistence(`studium-notes-${this.#workspace}`, this.doc);
    this.#persistence = persistence;
    persistence.on("synced", () => this.#on({ type: "device", keeps: true }));
    await Promise.race([
      persistence.whenSynced,
      new Promise((resolve) => setTimeout(resolve, deviceDeadline)),
    ]);
    this.#on({ type: "device", keeps: persistence.synced });
  }

  readonly #onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.#persistence) return;
    if (origin !== this.#provider) {
      remember(this.#mark, "1");
      this.#on({ type: "edited" });
    }
    // After the listeners that come later, the device's among them.
    queueMicrotask(() => void this.#checkDevice());
  };

  /** The library writes and doesn't look back. We do: its write must have left a newer key. */
  async #checkDevice(): Promise<void> {
    const db = this.#persistence?.db;
    if (!db || this.#persistence?.synced !== true || this.#destroyed) return;
    if (this.#checkingDevice) {
      this.#checkDeviceAgain = true;
      return;
    }
    this.#checkingDevice = true;
    const before = this.#lastDeviceKey;
    const key = await lastKey(db);
    this.#checkingDevice = false;
    this.#lastDeviceKey = key;
    this.#on({ type: "device", keeps: key !== undefined && (before === undefined || key > before) });
    if (this.#checkDeviceAgain) {
      this.#checkDeviceAgain = false;
      void this.#checkDevice();
    }
  }

  #connected(): void {
    this.#stalled = { since: 0, buffered: 0 };
    this.#on({ type: "connected" });
    // y-protocols ignores a state at a clock it has seen, and remembers clocks of those who went: without this
    // nobody would see a caret again before its owner moves (y-websocket issue 122).
    for (const client of this.awareness.meta.keys())
      if (client !== this.doc.clientID && !this.awareness.states.has(client))
        this.awareness.meta.delete(client);
    queueMicrotask(() => this.awareness.setLocalState(this.awareness.getLocalState()));
  }

  /** The mark that outlives the page says whether there are edits that no server has. */
  #keepMarks(): void {
    const { edits, safe } = this.save.get();
    if (edits === 0 || edits > safe) return;
    for (const mark of [...this.#inherited, this.#mark]) forget(mark);
  }

  readonly #comeBack = (): void => {
    if (this.save.get().link !== "open" && this.#provider.shouldConnect) this.#reconnect();
  };
  readonly #comeBackIfVisible = (): void => {
    if (document.visibilityState === "visible") this.#comeBack();
  };
  readonly #networkLost = (): void => {
    if (this.#provider.shouldConnect) this.#reconnect();
  };
  readonly #hide = (): void => this.awareness.setLocalState(null);
  readonly #show = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    this.awareness.setLocalState({ user: this.#user });
    this.#comeBack();
  };

  #reconnect(): void {
    this.#provider.disconnect();
    this.#provider.connect();
  }

  #lookForStall(): void {
    const { link, inFlight, storeAvailable } = this.save.get();
    const socket = this.#provider.ws;
    if (link !== "open" || inFlight.length === 0 || !storeAvailable || socket === null) {
      this.#stalled = { since: 0, buffered: 0 };
      return;
    }
    const progress = socket.bufferedAmount !== this.#stalled.buffered;
    const now = Date.now();
    if (this.#stalled.since === 0 || progress) {
      this.#stalled = { since: now, buffered: socket.bufferedAmount };
      return;
    }
    const heard = Math.max(this.#stalled.since, this.#provider.wsLastMessageReceived);
    if (now - heard > stallAfter) this.#reconnect();
  }
}

function lastKey(db: IDBDatabase): Promise<IDBValidKey | undefined> {
  return new Promise((resolve) => {
    try {
      const request = db
        .transaction("updates", "readonly")
        .objectStore("updates")
        .openKeyCursor(null, "prev");
      request.onsuccess = () => resolve(request.result?.key);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}
