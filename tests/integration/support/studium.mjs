// A server of one's own for a test: real process, real Redis, data of its own, any free port.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child, alive, killHard, temporaryDirectory } from './processes.mjs'
import { until } from './until.mjs'

export const root = resolve(fileURLToPath(import.meta.url), '../../../..')

function binary() {
  const candidates = [process.env.STUDIUM_SERVER, ...['release', 'debug'].map((preset) => join(root, 'build', preset, 'server/studium'))]
  const found = candidates.find((path) => path && existsSync(path))
  if (!found) throw new Error(`no server to test: build it, or name it in STUDIUM_SERVER (looked at ${candidates.join(', ')})`)
  return found
}

export class Studium {
  /**
   * @param {{groups?: number, redis?: string, demoOf?: Studium, data?: string, config?: string, args?: string[]}} [options]
   *   redis: an endpoint of the test's own; demoOf: another node, whose demo is not seeded again;
   *   config: the text of a configuration file
   */
  static async start(options = {}) {
    const server = new Studium(options)
    await server.begin()
    return server
  }

  constructor({ groups = 2, redis, demoOf, data = temporaryDirectory(), config, args = [] }) {
    this.data = data
    this.port = 0
    this.ownRedis = !redis
    this.demoOf = demoOf
    this.args = ['--data', data, '--threads', '2', ...(demoOf ? [] : ['--demo', '--demo-groups', String(groups)]), ...args]
    if (redis) this.args.push('--redis', redis)
    if (config) {
      writeFileSync(join(data, 'test.toml'), config)
      this.args.push('--config', join(data, 'test.toml'))
    }
  }

  /** Starts, or starts again where it was: same data, same port. */
  async begin() {
    this.child = new Child(binary(), ['--port', String(this.port), ...this.args])
    const [, url] = await this.child.says(/Studium is ready at (http:\/\/[^\s]+)/)
    this.url = url.replace(/\/$/, '')
    this.port = Number(new URL(url).port)
    this.demo = this.demoOf?.demo ?? JSON.parse(readFileSync(join(this.data, 'demo.json'), 'utf8'))
  }

  get pid() { return this.child.pid }
  get socketUrl() { return this.url.replace('http', 'ws') }
  get collabUrl() { return `${this.socketUrl}/collab` }
  get token() { return this.demo.members_token }

  /** The pid of the Redis that the server manages; undefined while there is none. */
  redisPid() {
    try {
      return Number(readFileSync(join(this.data, 'redis/redis.pid'), 'utf8')) || undefined
    } catch {
      return undefined
    }
  }

  async kill() { await this.child.kill() }

  /** Kills the managed Redis and returns its pid at once; the server is to start another. */
  async killRedis() {
    const pid = this.redisPid()
    await killHard(pid)
    return pid
  }

  async redisIsBack(after) {
    await until('the server to have started its Redis again', () => {
      const pid = this.redisPid()
      return pid && pid !== after && alive(pid)
    })
  }

  /** Ends it politely; throws where it ended badly or left its Redis running. */
  async stop() {
    const redis = this.ownRedis ? this.redisPid() : undefined
    const wasDead = this.child.how
    const how = wasDead ?? await this.child.stop()
    const redisStayed = redis && alive(redis)
    if (redisStayed) await killHard(redis)
    if (wasDead) return
    if (how.code !== 0) throw new Error(`the server ended with ${JSON.stringify(how)}: ${this.child.output.slice(-4000)}`)
    if (redisStayed) throw new Error('the server left its Redis running')
  }
}
