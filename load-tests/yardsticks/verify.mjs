// Joins the workspaces of a finished run with the real Yjs and compares what is there with what was typed.
// usage: node verify.mjs URL TOKEN EXPECT.json [HOW_MANY]     (TOKEN "" for none)
import { readFileSync } from 'node:fs'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const [url, token, file, howMany = '3'] = process.argv.slice(2)
const limit = 15_000

function join(workspace, doc) {
  const provider = new WebsocketProvider(url, workspace, doc, {
    WebSocketPolyfill: WebSocket, disableBc: true, params: token ? { token } : {}
  })
  const synced = new Promise((resolve, reject) => {
    provider.on('sync', (is) => is && resolve())
    setTimeout(() => reject(new Error(`${workspace}: not in sync after ${limit} ms`)), limit).unref()
  })
  return { provider, synced }
}

function problemWith(doc, clocks) {
  for (const [client, clock] of Object.entries(clocks)) {
    const held = Y.getState(doc.store, Number(client))
    if (held !== clock) return `client ${client} typed ${clock} characters, ${held} are there`
  }
  const typed = Object.values(clocks).reduce((sum, clock) => sum + clock, 0)
  if (doc.getText('load').length < typed) return `the text has ${doc.getText('load').length} characters, ${typed} were typed`
  return doc.store.pendingStructs ? 'something waits for what is not there' : ''
}

const expected = Object.entries(JSON.parse(readFileSync(file, 'utf8'))).slice(0, Number(howMany))
let failures = 0
for (const [workspace, clocks] of expected) {
  const doc = new Y.Doc()
  const { provider, synced } = join(workspace, doc)
  await synced
  const problem = problemWith(doc, clocks)
  if (problem) failures++
  console.log(`${workspace}: ${problem || `all ${Object.values(clocks).reduce((a, b) => a + b, 0)} characters are there`}`)
  provider.destroy()
}
process.exit(failures ? 1 : 0)
