// A y-websocket client of few words that asks for acknowledgements (`ack=1`): it knows which of its edits are stored.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import { messageYjsSyncStep1, readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { until, within } from './until.mjs'

const sync = 0
const storedCount = 64
const storage = 65
const fromServer = Symbol('from the server')

export class AckClient {
  sent = []
  seen = new Set()
  seenTwice = []
  stored = 0 // frames of this socket that the server has counted as stored
  storage = [] // what the server said of its store, in order: true, false
  closed = undefined // {code, reason}

  static async join(server, workspace, name, { query = 'ack=1', token = server.token } = {}) {
    const client = new AckClient(`${server.collabUrl}/${workspace}?token=${token}&${query}`, name)
    await client.synced()
    return client
  }

  constructor(url, name) {
    this.name = name
    this.doc = new Y.Doc()
    this.ledger = this.doc.getArray('ledger')
    this.frames = [] // one entry per step 2 and update frame sent: the ids that it carried
    this.doc.on('update', (update, origin) => { if (origin !== fromServer) this.#send((e) => writeUpdate(e, update), this.pending ?? []) })
    this.socket = new WebSocket(url)
    this.socket.binaryType = 'arraybuffer'
    this.socket.on('open', () => this.#send((e) => writeSyncStep1(e, this.doc)))
    this.socket.on('message', (data, binary) => { if (binary) this.#receive(new Uint8Array(data)) })
    this.socket.on('close', (code, reason) => { this.closed = { code, reason: reason.toString() } })
    this.socket.on('error', (error) => { this.error = error })
  }

  #send(write, ids) {
    if (this.socket.readyState !== WebSocket.OPEN) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, sync)
    write(encoder)
    if (ids) this.frames.push(ids)
    this.socket.send(encoding.toUint8Array(encoder))
  }

  #receive(bytes) {
    const decoder = decoding.createDecoder(bytes)
    const type = decoding.readVarUint(decoder)
    if (type === storedCount) this.stored = decoding.readVarUint(decoder)
    if (type === storage) this.storage.push(decoding.readVarUint(decoder) === 1)
    if (type !== sync) return
    const answer = encoding.createEncoder()
    encoding.writeVarUint(answer, sync)
    const step = readSyncMessage(decoder, answer, this.doc, fromServer)
    if (step === messageYjsSyncStep1) {
      this.frames.push([])
      this.socket.send(encoding.toUint8Array(answer))
    } else {
      this.isSynced = true
    }
  }

  synced() { return until(() => `${this.name} to be in sync (${this.error ?? ''} ${JSON.stringify(this.closed)})`, () => this.isSynced) }

  /** One more entry in the ledger, in a frame of its own. */
  edit() {
    const id = `${this.name}:${this.sent.length}`
    this.pending = [id]
    this.doc.transact(() => this.ledger.push([id]))
    this.pending = undefined
    this.sent.push(id)
    return id
  }

  /** Sends an update that its own document does not hold. */
  sendUpdate(update) { this.#send((e) => writeUpdate(e, update), []) }

  /** Ids in frames that were counted as stored. */
  storedIds() { return this.frames.slice(0, this.stored).flat() }
  /** Whether everything sent has been counted. */
  get allStored() { return this.stored === this.frames.length }

  async typeUntil(stop) {
    while (!stop.now) {
      this.edit()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  cut() { this.socket.terminate() }

  async close() {
    if (this.closed) return this.closed
    this.socket.close()
    return within(10_000, 'the socket to close', until('close', () => this.closed))
  }
}
