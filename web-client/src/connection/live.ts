// One /live socket that comes back: JSON-RPC 2.0 requests, events, hello first, backoff between attempts.
// What is said on it is the session's business.

import { backoffDelay } from "../model/backoff";
import { mayReconnect } from "../model/close-codes";
import { Store } from "../model/store";
import type { HelloParams, HelloResult, Protocol, RpcError } from "../protocol/generated/types";

export type Method = keyof Protocol["methods"];
export type Params<M extends Method> = Protocol["methods"][M]["params"];
export type Result<M extends Method> = Protocol["methods"][M]["result"];
export type EventName = keyof Protocol["events"];
export type LiveEvent = { [E in EventName]: { name: E; params: Protocol["events"][E] } }[EventName];

/** Why a call failed: the server's word, or one of ours for a connection that is not there. */
export type FailureKind = RpcError["data"]["kind"] | "offline" | "timeout";

export class CallFailed extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly field: string = "",
    readonly retryAfter?: number,
  ) {
    super(kind);
    this.name = "CallFailed";
  }
}

export type LinkState =
  | { readonly at: "connecting" }
  | { readonly at: "open" }
  | { readonly at: "away" }
  | { readonly at: "stopped"; readonly code: number };

export interface LiveOptions {
  readonly url: string;
  /** Asked anew for each socket: the token may have changed. */
  readonly hello: () => HelloParams;
  /** The answer to hello, or null where the token was not good: the socket is open for cohort.join. */
  readonly onHello: (answer: HelloResult | null) => void;
  readonly onEvent: (event: LiveEvent) => void;
  /** Makes some harmless call; its answer shows that the connection lives. */
  readonly heartbeat: () => Promise<unknown>;
}

export const timing = {
  /** From opening a socket to the answer to hello, and from any call to its answer, ms. */
  answer: 15_000,
  /** Silence after which a heartbeat is due, ms. Proxies cut idle sockets at 60 s. */
  silence: 25_000,
  /** A socket that lived this long was a good one: the next attempt starts the backoff anew, ms. */
  settled: 5_000,
} as const;

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (failure: CallFailed) => void;
  readonly deadline: ReturnType<typeof setTimeout>;
}

export class Live {
  readonly link = new Store<LinkState>({ at: "connecting" });
  readonly #options: LiveOptions;
  readonly #pending = new Map<number, PendingCall>();
  #socket: WebSocket | null = null;
  #lastCall = 0;
  #attempt = 0;
  #openedAt = 0;
  #lastHeard = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(): void {
    this.#pulse ??= setInterval(() => this.#listenForSilence(), 5_000);
    this.#connect();
  }

  stop(): void {
    clearInterval(this.#pulse);
    clearTimeout(this.#retry);
    this.#pulse = undefined;
    this.#drop();
    this.link.set({ at: "away" });
  }

  /** Something suggests that the way is free again (online, page visible, a button): try now. */
  nudge(): void {
    const { at } = this.link.get();
    if (at === "away" || at === "stopped") {
      this.#attempt = 0;
      this.#connect();
    } else if (at === "open" && Date.now() - this.#lastHeard > 5_000) void this.#beat();
  }

  /** The browser says that the network is gone: sockets of before won't say so for long. */
  networkLost(): void {
    if (this.link.get().at !== "stopped") this.#lost(1006);
  }

  /** Asks and waits for the answer. Rejects with CallFailed. */
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.link.get().at !== "open") return Promise.reject(new CallFailed("offline"));
    return this.#request(method, params);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#drop();
    this.link.update((now) =>
      now.at === "connecting" ? now : now.at === "stopped" ? { at: "connecting" } : now,
    );
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    const tooLong = setTimeout(() => {
      if (socket === this.#socket) this.#lost(1006);
    }, timing.answer);
    socket.onopen = () => {
      this.#lastHeard = Date.now();
      this.#sayHello().then(
        () => clearTimeout(tooLong),
        () => undefined, // The deadline or the close that follows speaks for it.
      );
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#lastHeard = Date.now();
      if (typeof data === "string") this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(tooLong);
      if (socket === this.#socket) this.#lost(code);
    };
  }

  async #sayHello(): Promise<void> {
    const socket = this.#socket;
    let answer: HelloResult | null;
    try {
      answer = await this.#request("hello", this.#options.hello());
    } catch (failure) {
      if (!(failure instanceof CallFailed) || failure.kind !== "not_signed_in") {
        if (socket === this.#socket) this.#lost(1006);
        throw failure;
      }
      answer = null;
    }
    if (socket !== this.#socket) return;
    this.#openedAt = Date.now();
    this.link.set({ at: "open" });
    this.#options.onHello(answer);
  }

  #request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new CallFailed("offline"));
    const id = ++this.#lastCall;
    return new Promise<unknown>((resolve, reject) => {
      const deadline = setTimeout(() => this.#timedOut(id), timing.answer);
      this.#pending.set(id, { resolve, reject, deadline });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    }) as Promise<Result<M>>;
  }

  #timedOut(id: number): void {
    this.#settle(id)?.reject(new CallFailed("timeout"));
    this.#lost(1006);
  }

  #settle(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (call !== undefined) clearTimeout(call.deadline);
    this.#pending.delete(id);
    return call;
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number | null;
      result?: unknown;
      error?: RpcError;
      method?: EventName;
      params?: unknown;
    };
    if (message.method !== undefined) {
      this.#options.onEvent({ name: message.method, params: message.params } as LiveEvent);
      return;
    }
    if (typeof message.id !== "number") return;
    const call = this.#settle(message.id);
    if (message.error === undefined) call?.resolve(message.result);
    else {
      const { kind, field, retry_after_ms } = message.error.data;
      call?.reject(new CallFailed(kind, field, retry_after_ms));
    }
  }

  #lost(code: number): void {
    const settled = this.link.get().at === "open" && Date.now() - this.#openedAt > timing.settled;
    this.#drop();
    clearTimeout(this.#retry);
    if (!mayReconnect(code)) {
      this.link.set({ at: "stopped", code });
      return;
    }
    if (settled) this.#attempt = 0;
    this.#retry = setTimeout(() => this.#connect(), backoffDelay(this.#attempt++, Math.random()));
    this.link.set({ at: "away" });
  }

  /** Lets go of the socket, if any; what waited for an answer on it fails as offline. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new CallFailed("offline"));
  }

  #listenForSilence(): void {
    if (this.link.get().at === "open" && Date.now() - this.#lastHeard > timing.silence) void this.#beat();
  }

  async #beat(): Promise<void> {
    try {
      await this.#options.heartbeat();
    } catch {
      // An error is an answer too; a timeout has already dropped the socket.
    }
  }
}
