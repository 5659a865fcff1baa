// A real writing session of two people (josephg/editing-traces, friendsforever), or one made up where it is absent.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { randomFor } from './random.mjs'
import { root } from './studium.mjs'
import { until } from './until.mjs'

const places = [process.env.STUDIUM_TRACES, join(root, '../shared/data/editing-traces')]

/** @returns {{txns: {parents: number[], agent: number, patches: [number, number, string][]}[], source: string}} */
export function loadTrace() {
  const file = places.filter(Boolean).map((place) => join(place, 'friendsforever.json.gz')).find(existsSync)
  if (!file) return { txns: madeUp(26_000), source: 'the recorded session is absent: made up from the seed' }
  return { txns: JSON.parse(gunzipSync(readFileSync(file))).txns, source: 'friendsforever.json.gz' }
}

// Two people who type in bursts, each burst after what the other had written before it.
function madeUp(count) {
  const random = randomFor('trace')
  const last = [-1, -1]
  const txns = []
  let agent = 0
  let place = 0
  while (txns.length < count) {
    agent = 1 - agent
    place = random.below(txns.length + 1)
    for (let burst = 5 + random.below(60); burst > 0 && txns.length < count; burst--) {
      const parents = [...new Set(burst % 20 === 0 ? last : [last[agent]])].filter((p) => p >= 0)
      const erase = random.chance(0.1) ? 1 : 0
      txns.push({ parents, agent, patches: [[place, erase, erase ? '' : random.letters(1)]] })
      last[agent] = txns.length - 1
      place += erase ? -1 : 1
      place = Math.max(place, 0)
    }
  }
  return txns
}

/**
 * Plays the trace's edits [0, count) at one client for each of its two people, into the text `name`. An edit waits
 * until its client has received all that the edit's parents rest on. Positions are taken as they stand, and cut to
 * the text's length, where the client has meanwhile received more than the recorded author had.
 * @param {import('./writer.mjs').Writer[]} pair one writer per agent
 */
export async function play(trace, count, name, pair, onEdit = () => {}) {
  const idOf = (i) => `${pair[trace.txns[i].agent].name}:${name}:${i}`
  await Promise.all(pair.map(async (writer, agent) => {
    for (let i = 0; i < count; i++) {
      const txn = trace.txns[i]
      if (txn.agent !== agent) continue
      const ready = () => txn.parents.every((p) => writer.knows(idOf(p)))
      if (!ready()) await until(`${writer.name} to receive what edit ${i} rests on`, ready, { limit: 60_000, every: 1 })
      writer.edit((doc) => patch(doc.getText(name), txn.patches), idOf(i))
      onEdit()
      await room(writer)
    }
  }))
}

function patch(text, patches) {
  for (const [position, deleted, inserted] of patches) {
    const at = Math.min(position, text.length)
    const erase = Math.min(deleted, text.length - at)
    if (erase > 0) text.delete(at, erase)
    if (inserted) text.insert(at, inserted)
  }
}

const editsPerSecond = 200 // of one writer: below the server's limit of messages, far above any hand

/** Lets the others have their turn, keeps to a speed, and waits where the own socket is behind. */
export async function room(writer) {
  await new Promise(setImmediate)
  writer.began ??= performance.now() - 1000 * writer.sent.length / editsPerSecond
  const ahead = 1000 * writer.sent.length / editsPerSecond - (performance.now() - writer.began)
  if (ahead > 0) await pause(ahead)
  if (writer.waiting > 64 * 1024) await until(`${writer.name}'s socket to drain`, () => writer.waiting < 16 * 1024)
}
