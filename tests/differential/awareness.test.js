// Holds the accept rule of protocol/yjs against y-protocols.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { applyAwarenessUpdate, Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Filter } from './filter.js'
import { mutated } from './mutate.js'
import { Random } from './random.js'
import { seed } from './options.js'

const random = new Random(seed)
const filter = new Filter()
after(() => filter.close())

const states = [null, {}, { cursor: { anchor: 1, head: 4 } }, { user: { name: 'Ada 😀', color: '#0f0' } }]

const write = entries => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, JSON.stringify(state))
  }
  return encoding.toUint8Array(encoder)
}

const randomUpdate = () => write(random.shuffled([1, 2, 3, 2 ** 53 - 1]).slice(0, 1 + random.below(3)).map(client =>
  ({ client, clock: random.below(8), state: random.pick(states) })))

const clients = update => {
  const decoder = decoding.createDecoder(update)
  return Array.from({ length: decoding.readVarUint(decoder) }, () => {
    const client = decoding.readVarUint(decoder)
    decoding.readVarUint(decoder)
    decoding.readVarString(decoder)
    return client
  })
}

/** A table of y-protocols without its timers, which would keep the test running. */
const newAwareness = () => {
  const awareness = new Awareness(new Y.Doc())
  clearInterval(awareness._checkInterval)
  return awareness
}

test('the same entries are told to others', async () => {
  for (let i = 0; i < 50; i++) {
    const awareness = newAwareness()
    let told = []
    awareness.on('update', ({ added, updated, removed }) => { told = [...added, ...updated, ...removed] })
    const updates = Array.from({ length: 40 }, randomUpdate)
    const ours = [...await filter.must('a', updates)]
    const theirs = updates.flatMap(update => {
      told = []
      applyAwarenessUpdate(awareness, update, null)
      return clients(update).map(client => told.includes(client) ? 1 : 0)
    })
    assert.deepEqual(ours, theirs)
  }
})

test('what is accepted never throws in y-protocols', async () => {
  const tries = Array.from({ length: 2000 }, () => mutated(random, randomUpdate(), randomUpdate()))
  const awareness = newAwareness()
  for (const update of tries) {
    if ((await filter.ask('a', [update])).error) continue
    assert.doesNotThrow(() => applyAwarenessUpdate(awareness, update, null), Buffer.from(update).toString('hex'))
  }
})
