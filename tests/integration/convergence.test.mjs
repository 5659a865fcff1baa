// Eight unmodified clients write in one workspace, while nothing or something dies; nothing is lost and all are equal.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { checkComplete, checkLedger, converge } from './support/checks.mjs'
import { RandomEditor } from './support/edits.mjs'
import { AckClient } from './support/ack_client.mjs'
import { killHard } from './support/processes.mjs'
import { announceSeed } from './support/random.mjs'
import { Studium } from './support/studium.mjs'
import { loadTrace, play } from './support/trace.mjs'
import { until } from './support/until.mjs'
import { Writer, everyoneLeaves, freshJoiner } from './support/writer.mjs'

const traceEdits = Number(process.env.STUDIUM_TRACE_EDITS ?? 4500) // of each of the four pairs
const randomEdits = 150 // of each client
const trace = loadTrace()

let server
before(async () => { server = await Studium.start({ groups: 8 }) })
afterEach(everyoneLeaves)
after(async () => { await server?.stop() })

async function eightWriters(workspace) {
  const writers = Array.from({ length: 8 }, (_, i) => new Writer(server, workspace, `writer${i}`))
  await Promise.all(writers.map((w) => w.synced()))
  return writers
}

// Each pair plays the session's two people in a text of its own; all eight write in one document at once.
function everyoneTypes(writers, edits, onEdit) {
  return Promise.all([0, 1, 2, 3].map((pair) =>
    play(trace, edits, `session-${pair}`, [writers[2 * pair], writers[2 * pair + 1]], onEdit)))
}

function everyoneEdits(editors, onEdit) {
  return Promise.all(editors.map((editor) => editor.many(randomEdits, onEdit)))
}

async function allIsWell(workspace, writers) {
  await converge(writers)
  const joiner = await freshJoiner(server, workspace)
  await converge([...writers, joiner])
  checkComplete(joiner, writers)
}

test('eight stock clients type a recorded session, then edit in every way, and are equal', async (t) => {
  announceSeed(t)
  const workspace = server.demo.workspaces[0]
  const writers = await eightWriters(workspace)
  const started = performance.now()
  await everyoneTypes(writers, traceEdits)
  await allIsWell(workspace, writers)
  const seconds = (performance.now() - started) / 1000
  t.diagnostic(`${trace.source}: the first ${traceEdits} of ${trace.txns.length} edits, four times at once, ` +
    `${(4 * traceEdits / seconds).toFixed(0)} edits/s, ${(28 * traceEdits / seconds).toFixed(0)} deliveries/s, ${seconds.toFixed(1)} s`)

  await everyoneEdits(writers.map((w) => new RandomEditor(w)))
  await allIsWell(workspace, writers)
})

// Runs `fault` each time another share of the edits has been made, while everyone goes on typing.
async function typeThrough(workspace, faults) {
  const writers = await eightWriters(workspace)
  const editors = writers.map((w) => new RandomEditor(w))
  const edits = 800
  let made = 0
  const all = 4 * edits + 8 * randomEdits
  const typed = Promise.all([everyoneTypes(writers, edits, () => made++), everyoneEdits(editors, () => made++)])
  for (const [i, fault] of faults.entries()) {
    await until('typing to go on', () => made > all * (i + 1) / (faults.length + 2), { limit: 120_000, every: 1 })
    await fault()
  }
  await typed
  await allIsWell(workspace, writers)
}

async function killServer() {
  await server.kill()
  await server.begin()
}

async function killRedis() {
  await server.redisIsBack(await server.killRedis())
}

test('the server is killed three times in mid-typing', { timeout: 300_000 }, async (t) => {
  announceSeed(t)
  await typeThrough(server.demo.workspaces[1], [killServer, killServer, killServer])
})

test('Redis is killed three times in mid-typing', { timeout: 300_000 }, async (t) => {
  announceSeed(t)
  await typeThrough(server.demo.workspaces[2], [killRedis, killRedis, killRedis])
})

// The clients are cut off in the same instant, so that no copy of theirs can heal what the store has lost: what
// anyone had seen, and what was acknowledged, must be there from the store alone.
async function nothingSeenIsLost(workspace, die) {
  const writers = await eightWriters(workspace)
  const acknowledged = await AckClient.join(server, workspace, 'counted')
  const editors = writers.map((w) => new RandomEditor(w))
  const stop = { now: false }
  const typed = [...editors.map(async (editor) => { while (!stop.now) await editor.many(1) }), acknowledged.typeUntil(stop)]
  await until('plenty to have been seen and stored', () =>
    writers.every((w) => w.seen.size > 300) && acknowledged.storedIds().length > 20, { limit: 120_000 })
  die()
  for (const writer of writers) writer.disconnect()
  acknowledged.cut()
  stop.now = true
  const counted = acknowledged.storedIds()
  await Promise.all(typed)

  await server.kill()
  const redis = server.redisPid()
  if (redis) await killHard(redis)
  await server.begin()
  const joiner = await freshJoiner(server, workspace)
  const ledger = checkLedger(joiner, [...writers, acknowledged])
  assert.deepEqual(counted.filter((id) => !ledger.has(id)).slice(0, 5), [], 'these were counted as stored, and are gone')

  for (const writer of writers) writer.connect()
  await converge([...writers, joiner])
  for (const writer of writers) checkComplete(writer, writers, [acknowledged])
}

test('what anyone saw survives the death of the server, without any client to help', { timeout: 200_000 }, async (t) => {
  announceSeed(t)
  for (const workspace of server.demo.workspaces.slice(3, 5)) await nothingSeenIsLost(workspace, () => process.kill(server.pid, 'SIGKILL'))
})

test('what anyone saw survives the death of server and Redis at once', { timeout: 200_000 }, async (t) => {
  announceSeed(t)
  for (const workspace of server.demo.workspaces.slice(5, 7)) {
    await nothingSeenIsLost(workspace, () => {
      process.kill(server.redisPid(), 'SIGKILL')
      process.kill(server.pid, 'SIGKILL')
    })
  }
})
