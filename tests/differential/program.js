// A random program: a few peers who edit one document, see each other's updates late, twice, in any order, in
// batches and after being offline. What comes out is every update that a client put on the wire.
import * as Y from 'yjs'
import { edit, roots } from './edits.js'

/** Ids of different sizes, all different: two clients of one id are a case that Yjs does not survive. */
const clientIds = (random, count) => {
  const out = new Set()
  while (out.size < count) out.add(clientId(random))
  return [...out]
}

const clientId = random => {
  if (random.chance(0.3)) return 1 + random.below(300)
  if (random.chance(0.3)) return random.bits() * 2 ** 21 + random.below(2 ** 21) // 53 bits, as Yjs 14 draws them
  return random.bits()
}

class Peer {
  constructor (random, client, partsPairs, out) {
    this.random = random
    this.partsPairs = partsPairs
    this.doc = new Y.Doc({ gc: random.chance(0.6) })
    this.doc.clientID = client
    this.inbox = []
    this.offline = null // updates kept back
    this.undo = new Y.UndoManager(roots(this.doc), { captureTimeout: 0 })
    this.doc.on('update', (update, origin) => { if (origin !== this) this.#send(update, out) })
  }

  #send (update, out) {
    if (this.offline) this.offline.push(update)
    else out(this, update)
  }

  act (out) {
    const random = this.random
    const kind = random.below(20)
    if (kind === 0) return this.undo.undo()
    if (kind === 1) return this.undo.redo()
    if (kind === 2) return this.#toggleOffline(out)
    if (kind > 14) return this.receive(1 + random.below(10))
    this.doc.transact(() => {
      for (let i = random.chance(0.2) ? random.below(6) : 1; i > 0; i--) edit(random, this.doc, this.partsPairs)
    })
  }

  #toggleOffline (out) {
    if (!this.offline) {
      this.offline = []
      return
    }
    const kept = this.offline
    this.offline = null
    if (kept.length === 0) return
    if (this.random.chance(0.5)) out(this, Y.mergeUpdates(kept))
    else for (const update of kept) out(this, update)
  }

  comeOnline (out) { if (this.offline) this.#toggleOffline(out) }

  receive (most) {
    for (let i = 0; i < most && this.inbox.length > 0; i++) {
      const at = this.random.chance(0.8) ? 0 : this.random.below(this.inbox.length)
      const update = this.inbox[at]
      if (!this.random.chance(0.05)) this.inbox.splice(at, 1) // else it comes again
      Y.applyUpdate(this.doc, update, this)
    }
  }
}

/**
 * @returns {{updates: Uint8Array[], states: Uint8Array[], vectors: Uint8Array[], partsPairs: boolean}} every
 * update on the wire, in order; whole states and step-2 answers, as they were at different times; state vectors
 * of the same times; whether surrogate pairs were parted
 */
export const run = (random, count) => {
  const partsPairs = random.chance(0.3)
  const updates = []; const states = []; const vectors = []
  const out = (from, update) => {
    updates.push(update)
    for (const peer of peers) if (peer !== from) peer.inbox.push(update)
  }
  const peers = clientIds(random, 2 + random.below(5)).map(client => new Peer(random, client, partsPairs, out))
  const look = () => {
    const [one, other] = [random.pick(peers), random.pick(peers)]
    vectors.push(Y.encodeStateVector(one.doc))
    states.push(Y.encodeStateAsUpdate(other.doc, random.chance(0.5) ? vectors.at(-1) : undefined))
  }
  const patience = 40 * count
  for (let i = 0; updates.length < count && i < patience; i++) {
    random.pick(peers).act(out)
    if (random.chance(0.02)) look()
  }
  for (const peer of peers) peer.comeOnline(out)
  look()
  return { updates, states, vectors, partsPairs }
}
