// A client of /live: JSON-RPC 2.0 over a WebSocket. Whatever the server says is held against protocol/schema.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import WebSocket from 'ws'
import { root } from './studium.mjs'
import { until } from './until.mjs'

const schemas = join(root, 'protocol/schema')
const ajv = new Ajv({ strict: false, allErrors: true })
const files = (folder) => readdirSync(join(schemas, folder)).filter((name) => name.endsWith('.json'))
const readSchema = (path) => JSON.parse(readFileSync(join(schemas, path), 'utf8'))
for (const path of ['types.json', 'error.json', ...files('methods').map((f) => `methods/${f}`), ...files('events').map((f) => `events/${f}`)]) {
  ajv.addSchema(readSchema(path))
}

function mustFit(value, schema) {
  const fits = ajv.getSchema(schema)
  assert.ok(fits, `there is no schema ${schema}`)
  assert.ok(fits(value), `${schema}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(value).slice(0, 500)}`)
}

export const errorCodes = readSchema('error-codes.json').codes
export const closeCodes = Object.fromEntries(readSchema('close-codes.json').codes.map((each) => [each.name, each.code]))

export class RpcError extends Error {
  constructor({ code, message, data }) {
    super(`${code} ${data?.kind}: ${message}`)
    Object.assign(this, { code, kind: data?.kind, field: data?.field })
  }
}

const open = new Set()
export function everyoneHangsUp() {
  for (const client of open) client.socket.terminate()
}

export class LiveClient {
  events = []
  misfits = [] // what the server said against its own schema
  closed = undefined
  #waiting = new Map()
  #next = 1

  /** Opens a socket and says hello; `session` is what came back (null without a token). */
  static async hello(server, params = {}) {
    const client = await LiveClient.connect(server)
    Object.assign(client, await client.call('hello', { protocol: 1, client: 'studium-tests/1', ...params }))
    return client
  }

  /** A person who comes by code and name. */
  static async join(server, { code = server.demo.join_code, name, group, time_zone = 'Etc/UTC' }) {
    const client = await LiveClient.hello(server)
    const joined = await client.call('cohort.join', { code, name, time_zone, ...(group ? { group } : {}) })
    return Object.assign(client, joined)
  }

  static async connect(server) {
    const client = new LiveClient(server)
    await until(() => `the socket to open (${client.error ?? ''})`, () => client.socket.readyState !== WebSocket.CONNECTING)
    if (client.socket.readyState !== WebSocket.OPEN) throw client.error ?? new Error('refused')
    return client
  }

  constructor(server) {
    open.add(this)
    this.socket = new WebSocket(`${server.socketUrl}/live`)
    this.socket.on('message', (text, binary) => this.#receive(binary, text))
    this.socket.on('close', (code, reason) => {
      open.delete(this)
      this.closed = { code, reason: reason.toString() }
      for (const { reject } of this.#waiting.values()) reject(new Error(`closed with ${code} ${reason}`))
      this.#waiting.clear()
    })
    this.socket.on('error', (error) => { this.error = error })
  }

  #receive(binary, text) {
    const message = JSON.parse(text)
    try {
      assert.equal(binary, false)
      if (message.method) mustFit(message.params, `events/${message.method}.json#/$defs/params`)
      if (message.error) mustFit(message.error, 'error.json')
      if (message.error) assert.equal(message.error.code, errorCodes[message.error.data.kind])
    } catch (misfit) {
      this.misfits.push(misfit.message)
    }
    if (message.method) return this.events.push(message)
    const { method, resolve, reject } = this.#waiting.get(message.id) ?? {}
    this.#waiting.delete(message.id)
    this.lastAnswer = message
    if (!resolve) return
    if (message.error) return reject(new RpcError(message.error))
    try {
      mustFit(message.result, `methods/${method}.json#/$defs/result`)
      resolve(message.result)
    } catch (misfit) {
      reject(misfit)
    }
  }

  call(method, params = {}) {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Error(`closed with ${this.closed.code}`))
      this.#waiting.set(id, { method, resolve, reject })
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** Sends a frame as it stands and waits for the next answer, whatever its id. */
  async raw(frame, options = {}) {
    this.lastAnswer = undefined
    this.socket.send(frame, options)
    await until(() => `an answer to ${String(frame).slice(0, 80)}`, () => this.lastAnswer ?? this.closed)
    return this.lastAnswer
  }

  /** The first event of that kind, from now or before, for which `matches` holds. */
  async event(method, matches = () => true, limit = 30_000) {
    return until(() => `${method}; there were ${JSON.stringify(this.events).slice(-1500)}`,
      () => this.events.find((event) => event.method === method && matches(event.params)), { limit })
  }

  async ended(limit = 30_000) {
    return until('the socket to be closed', () => this.closed, { limit })
  }

  async hangUp() {
    this.socket.close()
    await this.ended()
  }
}
