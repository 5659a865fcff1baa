// A room's life in Redis: its log is compacted while people write, it is unloaded when the last has gone, and opened
// again it holds everything. The cohort's too.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, afterEach, before, test } from 'node:test'
import { LiveClient, everyoneHangsUp } from './support/live_client.mjs'
import { Redis } from './support/redis.mjs'
import { Studium } from './support/studium.mjs'
import { until } from './support/until.mjs'
import { Writer, everyoneLeaves, freshJoiner } from './support/writer.mjs'

let redis, server
before(async () => {
  redis = await Redis.start()
  server = await Studium.start({
    redis: redis.endpoint,
    config: '[rooms]\nsnapshot_after_entries = 20\nsnapshot_after_bytes = 1024\nunload_after_s = 1\n'
  })
})
after(async () => {
  await server?.stop()
  await redis?.stop()
})
afterEach(() => { everyoneLeaves(); everyoneHangsUp() })

const ask = (...command) => execFileSync('redis-cli', ['-s', redis.socket, ...command], { encoding: 'utf8' }).trim()
const key = (room, part) => `studium:{${room}}:${part}`

async function openRooms() {
  const page = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/^studium_rooms (\d+)$/m.exec(page)[1])
}

test('a workspace is compacted, unloaded, and whole when it is opened again', async () => {
  const workspace = server.demo.workspaces[0]
  const writer = new Writer(server, workspace, 'writer')
  await writer.synced()
  for (let i = 0; i < 300; i++) {
    writer.edit((doc) => doc.getText('t').insert(i, String.fromCharCode(97 + (i % 26))))
    // One append each, as far as the store keeps up: batches would make too few entries.
    if (i % 10 === 9) await new Promise(setImmediate)
  }
  const text = writer.doc.getText('t').toString()
  const reader = await freshJoiner(server, workspace)
  await until('the reader to have it all', () => reader.doc.getText('t').toString() === text)
  await until('a snapshot', () => ask('EXISTS', key(`workspace:${workspace}`, 'snapshot')) === '1')
  const added = Number(/entries-added\n(\d+)/.exec(ask('XINFO', 'STREAM', key(`workspace:${workspace}`, 'log')))[1])
  await until('the log to be trimmed', () => Number(ask('XLEN', key(`workspace:${workspace}`, 'log'))) < added)

  everyoneLeaves()
  await until('every room to be unloaded', async () => (await openRooms()) === 0)
  const later = await freshJoiner(server, workspace)
  assert.equal(later.doc.getText('t').toString(), text)
  assert.equal(await openRooms(), 1)
})

test('a cohort is compacted, unloaded, and whole when it is opened again', async () => {
  const cohort = key(`cohort:${server.demo.cohort}`, 'log')
  const client = await LiveClient.hello(server)
  const { token } = await client.call('cohort.join', { code: server.demo.join_code, name: 'Ana' })
  for (let i = 0; i < 60; i++) await client.call('messages.send', { id: `m${i}`, text: `message ${i}` })
  await until('the log to be trimmed', () => Number(ask('XLEN', cohort)) < 60)
  client.socket.close()
  await until('every room to be unloaded', async () => (await openRooms()) === 0)

  const again = await LiveClient.hello(server, { token })
  assert.equal(again.session.me.name, 'Ana')
  const { messages } = await again.call('messages.history', { limit: 100 })
  assert.deepEqual(messages.map(({ id }) => id), Array.from({ length: 60 }, (_, i) => `m${i}`))
})
