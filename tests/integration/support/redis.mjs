// A Redis that the test owns: to take away, to hold up, to rob of its newest entries.
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Child, signal, temporaryDirectory } from './processes.mjs'

export class Redis {
  static async start() {
    const redis = new Redis()
    await redis.begin()
    return redis
  }

  constructor() {
    this.directory = temporaryDirectory()
    this.socket = join(this.directory, 'redis.sock')
    this.endpoint = `unix:${this.socket}`
  }

  async begin() {
    rmSync(this.socket, { force: true })
    this.child = new Child('redis-server', [
      '--port', '0', '--unixsocket', this.socket, '--unixsocketperm', '700', '--dir', this.directory,
      '--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--daemonize', 'no'])
    await this.child.says(/ready to accept connections/i)
  }

  get pid() { return this.child.pid }
  async kill() { await this.child.kill() }
  hold() { signal(this.pid, 'SIGSTOP') }
  release() { signal(this.pid, 'SIGCONT') }
  async stop() { if (!this.child.how) { this.release(); await this.child.kill() } }

  /** Copies what is on disk now. What was acknowledged until now is in it: every append is synced. */
  keepCopy() {
    const copy = temporaryDirectory()
    cpSync(join(this.directory, 'appendonlydir'), copy, { recursive: true })
    return copy
  }

  bytesOnDisk() {
    const folder = join(this.directory, 'appendonlydir')
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  }

  /** Puts an older copy in the place of what is on disk; only while it does not run. */
  goBackTo(copy) {
    rmSync(join(this.directory, 'appendonlydir'), { recursive: true, force: true })
    cpSync(copy, join(this.directory, 'appendonlydir'), { recursive: true })
  }

}
