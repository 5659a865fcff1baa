// Two nodes on one Redis are one service: people of a group are spread over both, and one of them dies.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { checkComplete, checkLedger, converge } from './support/checks.mjs'
import { RandomEditor } from './support/edits.mjs'
import { LiveClient, everyoneHangsUp } from './support/live_client.mjs'
import { announceSeed } from './support/random.mjs'
import { Redis } from './support/redis.mjs'
import { Studium } from './support/studium.mjs'
import { loadTrace, play } from './support/trace.mjs'
import { until } from './support/until.mjs'
import { Writer, everyoneLeaves, freshJoiner } from './support/writer.mjs'

let redis, first, second
before(async () => {
  redis = await Redis.start()
  first = await Studium.start({ groups: 6, redis: redis.endpoint })
  second = await Studium.start({ redis: redis.endpoint, demoOf: first })
})
after(async () => {
  await Promise.all([first?.stop(), second?.stop()])
  await redis?.stop()
})
afterEach(() => { everyoneLeaves(); everyoneHangsUp() })

async function writersOnBoth(workspace) {
  const writers = [first, second, first, second].map((node, i) => new Writer(node, workspace, `writer${i}`))
  await Promise.all(writers.map((w) => w.synced()))
  return writers
}

async function joinersOfBoth(workspace) {
  return Promise.all([first, second].map((node, i) => freshJoiner(node, workspace, `fresh${i}`)))
}

const shownTo = (writer) => new Set([...writer.provider.awareness.getStates().values()].map((s) => s.user?.name))

test('a group that is spread over two nodes converges', { timeout: 120_000 }, async (t) => {
  announceSeed(t)
  const workspace = first.demo.workspaces[0]
  const writers = await writersOnBoth(workspace)
  const trace = loadTrace()
  // Each pair has one of its two people on either node.
  await Promise.all([
    play(trace, 600, 'session-0', [writers[0], writers[1]]),
    play(trace, 600, 'session-1', [writers[3], writers[2]])
  ])
  await Promise.all(writers.map((w) => new RandomEditor(w).many(150)))
  await converge(writers)
  const joiners = await joinersOfBoth(workspace)
  await converge([...writers, ...joiners])
  for (const joiner of joiners) checkComplete(joiner, writers)
})

test('cursors are seen across nodes, and go with their people', async () => {
  const writers = await writersOnBoth(first.demo.workspaces[1])
  const everyone = writers.map((w) => w.name)
  for (const writer of writers) {
    await until(() => `${writer.name} to see all of ${everyone}; sees ${[...shownTo(writer)]}`, () => everyone.every((name) => shownTo(writer).has(name)))
  }
  writers[0].provider.awareness.setLocalStateField('cursor', { at: 7 })
  await until('the cursor to move on the other node', () =>
    [...writers[1].provider.awareness.getStates().values()].some((s) => s.user?.name === 'writer0' && s.cursor?.at === 7))
  writers[0].leave()
  await until('writer0 to be gone on the other node', () => !shownTo(writers[1]).has('writer0'), { limit: 20_000 })
})

test('people and messages of a group are the same on both nodes', async () => {
  const ana = await LiveClient.join(first, { name: 'Ana' })
  const group = ana.session.group.id
  const ben = await LiveClient.join(second, { name: 'Ben', group })
  const here = (members) => members.filter((m) => m.here).map((m) => m.person.name).sort()
  const both = ({ members }) => ['Ana', 'Ben'].every((name) => here(members).includes(name))
  await ana.event('members.changed', both)
  await until('both to be here on the second node', async () => both(await ben.call('members.list')))
  const sent = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    [ana, ben][i % 2].call('messages.send', { id: `x-${i}`, text: `from ${i % 2}` })))
  const orders = []
  for (const client of [ana, ben]) {
    await until('all messages to come', () => client.events.filter((e) => e.method === 'messages.posted').length >= sent.length)
    orders.push(client.events.filter((e) => e.method === 'messages.posted').map((e) => e.params.message.id))
    assert.deepEqual((await client.call('messages.history', {})).messages.map((m) => m.id), orders[0])
  }
  assert.deepEqual(orders[0], orders[1])
  assert.equal(new Set(orders[0]).size, sent.length)
  // The same id on the other node is the same message.
  assert.deepEqual(await ben.call('messages.send', { id: 'x-0', text: 'again' }), sent[0])
  assert.deepEqual([...ana.misfits, ...ben.misfits], [])
})

test('the last seat is given once, whichever node is asked', async () => {
  const teacher = await LiveClient.hello(first, { token: first.demo.teacher_token })
  const { groups } = await teacher.call('groups.list')
  const free = groups.find((g) => g.seats - g.members.length === 2)
  assert.ok(free, 'a group with two places')
  const tries = await Promise.allSettled(Array.from({ length: 6 }, (_, i) =>
    LiveClient.join([first, second][i % 2], { name: `Hurry ${i}`, group: free.id })))
  assert.equal(tries.filter((t) => t.status === 'fulfilled').length, 2)
  assert.deepEqual(tries.filter((t) => t.status === 'rejected').map((t) => t.reason.kind), Array(4).fill('full'))
})

test('a node dies: its people are gone soon, nothing that anyone saw is lost, and it comes back', { timeout: 180_000 }, async (t) => {
  announceSeed(t)
  const workspace = first.demo.workspaces[4]
  const ana = await LiveClient.join(first, { name: 'Ana of the first' })
  const ben = await LiveClient.join(second, { name: 'Ben of the second', group: ana.session.group.id })
  await ben.event('members.changed', ({ members }) => members.some((m) => m.person.id === ana.session.me.id && m.here))
    .catch(async () => assert.ok((await ben.call('members.list')).members.some((m) => m.person.id === ana.session.me.id && m.here)))

  const writers = await writersOnBoth(workspace)
  await until('all cursors on the second node', () => writers.every((w) => shownTo(writers[1]).has(w.name)))
  const stop = { now: false }
  const typed = writers.map(async (writer) => {
    const editor = new RandomEditor(writer)
    while (!stop.now) await editor.many(1)
  })
  await until('plenty to have been seen', () => writers.every((w) => w.seen.size > 200), { limit: 60_000 })
  ben.events.length = 0
  for (const writer of writers) assert.ok(shownTo(writers[1]).has(writer.name), `${writer.name} is shown while all is well`)
  process.kill(first.pid, 'SIGKILL')
  for (const writer of [writers[0], writers[2]]) writer.disconnect() // no copy of theirs may help
  const killed = performance.now()

  await until('the dead node\'s cursors to be gone', () => !shownTo(writers[1]).has('writer0') && !shownTo(writers[1]).has('writer2'), { limit: 25_000 })
  const cursorsGone = performance.now() - killed
  await ben.event('members.changed', ({ members }) => members.some((m) => m.person.id === ana.session.me.id && !m.here), 25_000)
  t.diagnostic(`presence of the dead node's people was gone after ${(cursorsGone / 1000).toFixed(1)} s and ${((performance.now() - killed) / 1000).toFixed(1)} s`)

  stop.now = true
  await Promise.all(typed)
  const joiner = await freshJoiner(second, workspace)
  checkLedger(joiner, writers)

  await first.kill()
  await first.begin()
  for (const writer of writers) writer.connect()
  await converge([...writers, joiner])
  checkComplete(joiner, writers)
})
