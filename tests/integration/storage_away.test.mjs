// Redis holds still, goes away, or comes back without its newest entries: nothing is acknowledged that is not kept,
// memory stays bounded, nobody is cut off, and afterwards everything is there.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import * as Y from 'yjs'
import { AckClient } from './support/ack_client.mjs'
import { checkComplete, converge } from './support/checks.mjs'
import { RandomEditor } from './support/edits.mjs'
import { LiveClient, everyoneHangsUp } from './support/live_client.mjs'
import { residentBytes } from './support/processes.mjs'
import { announceSeed } from './support/random.mjs'
import { Redis } from './support/redis.mjs'
import { Studium } from './support/studium.mjs'
import { until } from './support/until.mjs'
import { Writer, everyoneLeaves, freshJoiner } from './support/writer.mjs'

const mebibyte = 1024 * 1024

let redis, server
before(async () => {
  redis = await Redis.start()
  server = await Studium.start({ groups: 6, redis: redis.endpoint, config: '[redis]\ncommand_timeout_ms = 1500\n' })
})
after(async () => {
  await server?.stop()
  await redis?.stop()
})
// Each worker finds its own way back to Redis; until all have, a newcomer may be told to come again.
beforeEach(() => until('the server to be ready', async () => (await fetch(`${server.url}/readyz`)).status === 200))
afterEach(() => { everyoneLeaves(); everyoneHangsUp() })

// Four who type without a pause, and one who asks what is stored.
class Group {
  static async gather(workspace) {
    const group = new Group()
    group.workspace = workspace
    group.writers = Array.from({ length: 4 }, (_, i) => new Writer(server, workspace, `writer${i}`))
    await Promise.all(group.writers.map((w) => w.synced()))
    for (const writer of group.writers) writer.provider.on('connection-close', (event) => { if (event) group.cutOff++ })
    group.counted = await AckClient.join(server, workspace, 'counted')
    return group
  }

  cutOff = 0

  beginTyping() {
    this.stop = { now: false }
    this.typed = [
      ...this.writers.map(async (writer) => {
        const editor = new RandomEditor(writer)
        while (!this.stop.now) await editor.many(1)
      }),
      this.counted.typeUntil(this.stop)
    ]
  }

  async endTyping() {
    this.stop.now = true
    await Promise.all(this.typed)
  }

  get sent() { return this.writers.reduce((sum, w) => sum + w.sent.length, 0) }

  async everyoneTypesOn(count) {
    const enough = this.sent + count
    await until('everyone to type on', () => this.sent >= enough, { limit: 60_000 })
  }

  async everythingIsStored() {
    await until(() => `all frames to be stored: ${this.counted.stored} of ${this.counted.frames.length}`, () => this.counted.allStored, { limit: 60_000 })
    await converge(this.writers)
    const joiner = await freshJoiner(server, this.workspace)
    await until('the counted one to be heard', () => this.counted.sent.every((id) => joiner.knows(id)))
    await converge([...this.writers, joiner])
    checkComplete(joiner, [...this.writers, this.counted])
    assert.equal(this.cutOff, 0, 'somebody was cut off')
    assert.equal(this.counted.closed, undefined)
  }
}

const saidLast = (client) => client.storage.at(-1)

async function typeWhileAway(workspace, away, back) {
  const group = await Group.gather(workspace)
  assert.deepEqual(group.counted.storage, [true])
  group.beginTyping()
  await group.everyoneTypesOn(100)
  await away()
  await until('the server to say that the store is away', () => saidLast(group.counted) === false)
  const stored = group.counted.stored
  const seen = group.writers.map((w) => w.seen.size)
  await group.everyoneTypesOn(400)
  assert.equal(group.counted.stored, stored, 'something was counted as stored while the store was away')
  assert.deepEqual(group.writers.map((w) => w.seen.size), seen, 'something was shown that is not stored')
  await back()
  await until('the server to say that the store is back', () => saidLast(group.counted) === true)
  await group.everyoneTypesOn(100)
  await group.endTyping()
  await group.everythingIsStored()
  assert.deepEqual(group.counted.storage, [true, false, true])
}

test('Redis is held still under typing', { timeout: 120_000 }, async (t) => {
  announceSeed(t)
  await typeWhileAway(server.demo.workspaces[0], () => redis.hold(), () => redis.release())
})

test('Redis is killed under typing and comes back later', { timeout: 120_000 }, async (t) => {
  announceSeed(t)
  await typeWhileAway(server.demo.workspaces[1], () => redis.kill(), () => redis.begin())
})

test('while Redis is away memory stays bounded, whatever is sent', { timeout: 120_000 }, async () => {
  const flooder = await AckClient.join(server, server.demo.workspaces[2], 'flooder')
  const doc = new Y.Doc()
  doc.getText('shared').insert(0, 'z'.repeat(200_000))
  const text = Y.encodeStateAsUpdate(doc)
  await redis.kill()
  await until('the server to say that the store is away', () => saidLast(flooder) === false)
  const before = residentBytes(server.pid)
  // The same 200 kB three hundred times: 60 MB on the way, and 200 kB in the end.
  for (let i = 0; i < 300; i++) flooder.sendUpdate(text)
  const stored = flooder.stored
  let most = 0
  const end = performance.now() + 3000
  await until('the flood to have pressed for a while', () => {
    most = Math.max(most, residentBytes(server.pid))
    return performance.now() > end
  })
  assert.ok(flooder.socket.bufferedAmount > 30 * mebibyte, 'the server stopped reading')
  assert.ok(most - before < 24 * mebibyte, `resident memory grew by ${((most - before) / mebibyte).toFixed(1)} MiB`)
  assert.equal(flooder.stored, stored)
  await redis.begin()
  await until('all of it to be stored', () => flooder.allStored, { limit: 60_000 })
  assert.equal(flooder.closed, undefined)
  await flooder.close()
})

test('/live says that the store is away, takes nothing meanwhile, and goes on by itself', { timeout: 60_000 }, async () => {
  const ana = await LiveClient.join(server, { name: 'Ana' })
  await redis.kill()
  await ana.event('storage.changed', ({ available }) => available === false)
  await assert.rejects(ana.call('messages.send', { id: 'm-1', text: 'into the void' }), { kind: 'store_unavailable' })
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503)
  await redis.begin()
  await ana.event('storage.changed', ({ available }) => available === true)
  const { message } = await ana.call('messages.send', { id: 'm-1', text: 'once more' })
  const { messages } = await ana.call('messages.history', {})
  assert.deepEqual(messages.filter((m) => m.id === 'm-1'), [message])
  assert.deepEqual(ana.misfits, [])
})

test('Redis comes back without its newest entries: what connected clients hold is back', { timeout: 120_000 }, async (t) => {
  announceSeed(t)
  const group = await Group.gather(server.demo.workspaces[3])
  group.beginTyping()
  await group.everyoneTypesOn(150)
  const older = redis.keepCopy()
  const bytes = redis.bytesOnDisk()
  await group.everyoneTypesOn(300)
  await redis.kill()
  assert.ok(redis.bytesOnDisk() > bytes, 'there is something to lose')
  redis.goBackTo(older)
  await redis.begin()
  await group.everyoneTypesOn(100)
  await group.endTyping()
  await converge(group.writers)
  await until('all that was sent to be counted', () => group.counted.allStored)

  // From the store alone: the node that may remember is dead.
  for (const writer of group.writers) writer.disconnect()
  group.counted.cut()
  await server.kill()
  await server.begin()
  const joiner = await freshJoiner(server, group.workspace)
  checkComplete(joiner, group.writers, [group.counted])
  for (const writer of group.writers) writer.connect()
  await converge([...group.writers, joiner])
})
