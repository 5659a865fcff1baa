// Holds protocol/yjs against the npm package. Run by `node --test tests/differential`, or by hand:
//   node tests/differential/yjs.test.js --seed 7 --updates 100000
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as Y from 'yjs'
import { Filter } from './filter.js'
import { mutated } from './mutate.js'
import { seed, updates as total } from './options.js'
import { run } from './program.js'
import { Random } from './random.js'
import { shape } from './shapes.js'
import { load, view } from './view.js'

const random = new Random(seed)
const filter = new Filter()
after(() => filter.close())

const perProgram = 200
const programs = Array.from({ length: Math.ceil(total / perProgram) }, () => run(random, perProgram))
const nothing = Uint8Array.of(0)
const hex = bytes => Buffer.from(bytes).toString('hex')

const subset = list => list.filter(() => random.chance(0.7))

test('every update that a client writes is accepted', async () => {
  for (const { updates, states } of programs) {
    const all = [...updates, ...states]
    const answers = await Promise.all(all.map(update => filter.accepts(update)))
    answers.forEach((accepted, i) => assert.ok(accepted, `refused: ${hex(all[i])}`))
  }
})

test('state vectors are those of Yjs', async () => {
  for (const { updates, states } of programs) {
    for (const update of [...states, ...updates.slice(0, 20), Y.mergeUpdates(subset(updates))]) {
      assert.equal(hex(await filter.stateVector(update)), hex(Y.encodeStateVectorFromUpdate(update)))
    }
  }
})

test('a merge says what its inputs say, one by one', async () => {
  for (const { updates, states, partsPairs } of programs) {
    const seen = updates => view(load(updates), partsPairs)
    const expected = seen(updates)
    const inputs = random.shuffled([...updates, ...states, ...subset(updates)])
    for (const how of ['merge', 'join']) {
      const ours = await filter[how](inputs)
      assert.ok(await filter.accepts(ours))
      assert.deepEqual(seen([ours]), expected, how)
    }
    assert.deepEqual(seen([await filter.store(inputs, nothing)]), expected, 'store')
  }
})

test('merges of parts heal when the rest arrives', async () => {
  for (const { updates } of programs) {
    const expected = view(load(updates))
    const first = random.shuffled(subset(updates))
    const part = await filter.join(first)
    assert.equal(hex(await filter.stateVector(part)), hex(Y.encodeStateVectorFromUpdate(Y.mergeUpdates(first))))
    assert.deepEqual(view(load([part, await filter.merge(random.shuffled(updates))])), expected)
    assert.deepEqual(view(load([await filter.merge([await filter.merge(updates), part])])), expected)
  }
})

test('a diff is what the peer lacks', async () => {
  for (const { updates, states, vectors, partsPairs } of programs) {
    const whole = await filter.join(updates)
    const expected = view(load(updates), partsPairs)
    for (const [i, vector] of vectors.entries()) {
      const diff = await filter.diff(whole, vector)
      assert.equal(hex(await filter.store(updates, vector)), hex(diff))
      assert.deepEqual(sections(diff), sections(Y.diffUpdate(whole, vector)))
      const lacks = await filter.diff(whole, Y.encodeStateVector(load([states[i]])))
      assert.deepEqual(view(load([states[i], lacks]), partsPairs), expected)
    }
  }
})

const sections = update => {
  const { from, to } = Y.parseUpdateMeta(update)
  return [[...from], [...to], Y.decodeUpdate(update).structs.length]
}

// On a fresh document: bytes that contradict what a document holds under the same ids can make Yjs throw whatever
// they look like, and only a room can know.
test('what is accepted never throws in Yjs', async t => {
  let accepted = 0; let tried = 0
  for (const { updates, states } of programs) {
    const sound = [...updates, ...states]
    const tries = Array.from({ length: 2 * perProgram }, () => mutated(random, random.pick(sound), random.pick(sound)))
    const answers = await Promise.all(tries.map(update => filter.accepts(update)))
    for (const [i, update] of tries.entries()) {
      tried++
      if (!answers[i]) continue
      accepted++
      const why = `accepted: ${hex(update)}`
      assert.doesNotThrow(() => view(load([update])), why)
      assert.doesNotThrow(() => Y.mergeUpdates([update, updates[0]]), why)
      assert.equal(hex(await filter.stateVector(update)), hex(Y.encodeStateVectorFromUpdate(update)), why)
    }
  }
  t.diagnostic(`${accepted} of ${tried} mutated updates accepted`)
})

test('updates of any shape never throw either, and merge to the same', async () => {
  for (let i = 0; i < total / 4; i++) {
    const updates = []
    for (let clocks = new Map(); updates.length < 4;) {
      const { update, next } = shape(random, clocks)
      if (!await filter.accepts(update)) continue
      updates.push(update)
      clocks = next
    }
    const why = updates.map(hex).join(' ')
    assert.doesNotThrow(() => Y.encodeStateAsUpdate(load(random.shuffled(updates))), why)
    const expected = view(load(updates))
    assert.deepEqual(view(load([await filter.merge(random.shuffled(updates))])), expected, why)
    assert.deepEqual(view(load([await filter.join(random.shuffled(updates))])), expected, why)
  }
})
