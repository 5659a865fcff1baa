// One person at a Yjs editor: the stock provider from npm, and a ledger of what was typed and what was seen.
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until } from './until.mjs'

/** The origin of local edits: what the undo manager follows. */
export const typing = Symbol('typing')

process.setMaxListeners(100) // each stock provider listens for the end of the process
const present = new Set()

/** Ends every connection that a test has left open. */
export function everyoneLeaves() {
  for (const writer of present) writer.leave()
}

export class Writer {
  sent = [] // ids that this writer pushed, in its order
  seen = new Set() // ids of others, noted when they were shown here
  seenTwice = []

  constructor(server, workspace, name, { connect = true } = {}) {
    present.add(this)
    this.name = name
    this.doc = new Y.Doc()
    this.ledger = this.doc.getArray('ledger')
    this.ledger.observe((event) => this.#note(event))
    this.provider = new WebsocketProvider(server.collabUrl, workspace, this.doc, {
      WebSocketPolyfill: WebSocket, disableBc: true, connect, params: { token: server.token }
    })
    this.provider.awareness.setLocalStateField('user', { name, color: '#30bced' })
  }

  // Reads only what the transaction added: an event's own `changes` walks the whole array, each time.
  #note({ transaction }) {
    if (transaction.local) return
    for (const [client, end] of transaction.afterState) {
      const begin = transaction.beforeState.get(client) ?? 0
      if (begin === end) continue
      const structs = this.doc.store.clients.get(client)
      for (let i = Y.findIndexSS(structs, begin); i < structs.length; i++) {
        if (structs[i].parent !== this.ledger) continue
        for (const id of structs[i].content.getContent()) this.#see(id)
      }
    }
  }

  #see(id) {
    if (this.seen.has(id) || this.#owns(id)) this.seenTwice.push(id)
    this.seen.add(id)
  }

  #owns(id) { return id.startsWith(`${this.name}:`) }

  /** Whether an entry was written or seen here. */
  knows(id) { return this.seen.has(id) || this.ownIds?.has(id) }

  /** Does an edit and enters it in the ledger, in one transaction. */
  edit(change, id = `${this.name}:${this.sent.length}`) {
    this.doc.transact(() => {
      change(this.doc)
      this.ledger.push([id])
    }, typing)
    this.sent.push(id)
    this.ownIds ??= new Set()
    this.ownIds.add(id)
    return id
  }

  async synced(limit = 30_000) {
    await until(`${this.name} to be in sync`, () => this.provider.synced, { limit })
  }

  /** Bytes that wait in this writer's own socket. */
  get waiting() { return this.provider.ws?.bufferedAmount ?? 0 }

  disconnect() { this.provider.disconnect() }
  connect() { this.provider.connect() }

  leave() {
    present.delete(this)
    this.provider.destroy()
    this.doc.destroy()
  }
}

/** Somebody who has never been here: joins with an empty document and waits for all of it. */
export async function freshJoiner(server, workspace, name = 'fresh') {
  const joiner = new Writer(server, workspace, name)
  await joiner.synced()
  return joiner
}
