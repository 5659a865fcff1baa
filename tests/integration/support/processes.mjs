// Child processes of a test: started, watched and ended by pid, never by name.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until, within } from './until.mjs'

const running = new Set()
const directories = new Set()

process.on('exit', () => {
  for (const child of running) signal(child.pid, 'SIGKILL')
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/** A fresh directory with a short path (a Unix socket's must stay below 108 bytes), gone after the run. */
export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'st-'))
  directories.add(directory)
  return directory
}

/** Sends a signal; false where there is no such process any more. */
export function signal(pid, name) {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if (error.code === 'ESRCH') return false
    throw error
  }
}

/** Whether the process runs (one that has ended and is not yet collected does not). */
export function alive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Kills hard and waits until it is gone. */
export async function killHard(pid) {
  signal(pid, 'SIGKILL')
  await until(`process ${pid} to be gone`, () => !alive(pid), { limit: 10_000, every: 2 })
}

/** Resident memory in bytes. */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
}

export class Child {
  output = ''

  constructor(command, args, options = {}) {
    this.name = command
    this.process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    this.pid = this.process.pid
    running.add(this)
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => { this.output = (this.output + text).slice(-200_000) })
    }
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => { this.output += String(error); running.delete(this); resolve({ error }) })
      this.process.on('exit', (code, name) => { running.delete(this); resolve({ code, signal: name }) })
    })
    this.ended.then((how) => { this.how = how })
  }

  /** Waits for a line of the output and returns its match. */
  async says(pattern, limit = 30_000) {
    return until(() => `${this.name} to say ${pattern}; it said: ${this.output.slice(-2000)}`, () => {
      const match = pattern.exec(this.output)
      if (!match && this.how) throw new Error(`${this.name} ended (${JSON.stringify(this.how)}): ${this.output.slice(-4000)}`)
      return match
    }, { limit, every: 5 })
  }

  async kill() {
    signal(this.pid, 'SIGKILL')
    await this.ended
  }

  /** Asks it to end and waits; returns { code, signal }. */
  async stop(limit = 15_000) {
    signal(this.pid, 'SIGTERM')
    return within(limit, `${this.name} to end after SIGTERM`, this.ended)
  }
}
