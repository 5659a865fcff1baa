// The cable between one browser and the server, which a test can cut: Chromium's own offline switch does not
// reliably end WebSockets that are open.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export class Wire {
  /** @param {{port: number}} server */
  static async to(server) {
    const wire = new Wire(server)
    await wire.mend()
    return wire
  }

  #ends = new Set()
  port = 0

  constructor(server) {
    this.server = server
    this.url = undefined
  }

  /** Lets connections through (again), on the same port. */
  async mend() {
    this.listener = createServer((near) => {
      const far = connect({ host: '127.0.0.1', port: this.server.port })
      for (const [one, other] of [[near, far], [far, near]]) {
        this.#ends.add(one)
        one.on('error', () => one.destroy())
        one.on('close', () => { this.#ends.delete(one); other.destroy() })
        one.pipe(other)
      }
    })
    this.listener.listen(this.port, '127.0.0.1')
    await once(this.listener, 'listening')
    this.port = this.listener.address().port
    this.url = `http://127.0.0.1:${this.port}`
  }

  /** Ends every connection and refuses new ones. */
  cut() {
    this.listener.close()
    for (const end of this.#ends) end.destroy()
  }
}
