// Talks to yjs_filter, the program that holds our side.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The program named by STUDIUM_YJS_FILTER, or else the newest below build/. */
const findProgram = () => {
  if (process.env.STUDIUM_YJS_FILTER) return process.env.STUDIUM_YJS_FILTER
  const build = join(root, 'build')
  const candidates = (existsSync(build) ? readdirSync(build) : [])
    .map(preset => join(build, preset, 'tests', 'differential', 'yjs_filter'))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  if (candidates.length === 0) throw new Error('no yjs_filter: cmake --build build/debug --target yjs_filter')
  return candidates[0]
}

const size = n => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(n)
  return bytes
}

export class Filter {
  constructor () {
    this.waiting = []
    this.received = Buffer.alloc(0)
    this.child = spawn(findProgram(), [], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdout.on('data', chunk => this.#receive(chunk))
    this.child.stdin.on('error', () => {}) // told by 'exit'
    this.child.on('exit', code => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error(`yjs_filter ended with ${code}`))
    })
  }

  #receive (chunk) {
    this.received = Buffer.concat([this.received, chunk])
    while (this.received.length >= 5) {
      const end = 5 + this.received.readUInt32LE(1)
      if (this.received.length < end) return
      const body = new Uint8Array(this.received.subarray(5, end)) // a copy: the rest moves on
      const ok = this.received[0] === 1
      this.received = this.received.subarray(end)
      this.waiting.shift().resolve(ok ? { bytes: body } : { error: Buffer.from(body).toString() })
    }
  }

  /** @returns {Promise<{bytes?: Uint8Array, error?: string}>} */
  ask (name, args) {
    const parts = [Buffer.from(name), size(args.length)]
    for (const arg of args) parts.push(size(arg.length), arg)
    this.child.stdin.write(Buffer.concat(parts))
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  async must (name, args) {
    const { bytes, error } = await this.ask(name, args)
    if (error) throw new Error(`${name} was refused: ${error}`)
    return bytes
  }

  async accepts (update) { return (await this.ask('c', [update])).error === undefined }
  merge (updates) { return this.must('m', updates) }
  join (updates) { return this.must('j', updates) }
  diff (update, stateVector) { return this.must('d', [update, stateVector]) }
  stateVector (update) { return this.must('s', [update]) }
  store (updates, stateVector) { return this.must('t', [...updates, stateVector]) }

  close () {
    const ended = new Promise(resolve => this.child.on('exit', resolve))
    this.child.stdin.end()
    return ended
  }
}
