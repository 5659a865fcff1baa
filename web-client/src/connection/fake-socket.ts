// The far end of a socket, in the hands of a test.

export class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  static get last(): FakeSocket {
    const socket = FakeSocket.made.at(-1);
    if (socket === undefined) throw new Error("no socket was made");
    return socket;
  }
  readyState = 0;
  sent: { id: number; method: string; params: Record<string, unknown> }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as (typeof this.sent)[number]);
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
  }
  /** The last request for `method` that stands without an answer. */
  asked(method: string) {
    const request = this.sent.findLast((m) => m.method === method);
    if (request === undefined) throw new Error(`${method} was not asked`);
    return request;
  }
  answers(method: string, result: unknown) {
    this.says({ id: this.asked(method).id, result });
  }
  refuses(method: string, kind: string, more: object = {}) {
    this.says({ id: this.asked(method).id, error: { code: -32000, message: kind, data: { kind, ...more } } });
  }
  says(message: unknown) {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", ...(message as object) }) });
  }
  closes(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
