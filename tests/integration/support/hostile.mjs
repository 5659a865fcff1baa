// Clients that do what clients should not, on a bare socket where `ws` would refuse to.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import WebSocket from 'ws'
import { until } from './until.mjs'

/** Asks for an upgrade and returns the HTTP status it was refused with, or 101. */
export async function upgradeStatus(url) {
  const socket = new WebSocket(url)
  socket.on('error', () => {})
  let status
  socket.on('unexpected-response', (request, response) => { status = response.statusCode; request.destroy() })
  socket.on('upgrade', () => { status = 101 })
  await until(`an answer to the upgrade of ${url}`, () => status)
  socket.terminate()
  return status
}

/** A socket whose close code is waited for: `act` is given the open WebSocket. */
export async function closeCodeAfter(url, act) {
  const socket = new WebSocket(url)
  let code
  socket.on('error', () => {})
  socket.on('close', (closed) => { code = closed })
  await until(`${url} to open`, () => socket.readyState === WebSocket.OPEN || code !== undefined)
  act(socket)
  await until('the socket to be closed', () => code !== undefined)
  return code
}

/** Speaks RFC 6455 by hand: opens `url` and sends raw bytes; resolves with the code of the server's close frame. */
export async function closeCodeAfterBytes(url, bytes) {
  const { hostname, port, pathname, search } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  let received = Buffer.alloc(0)
  let ended = false
  socket.on('data', (chunk) => { received = Buffer.concat([received, chunk]) })
  socket.on('close', () => { ended = true })
  socket.on('error', () => {})
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`)
  await until('the upgrade', () => received.includes('\r\n\r\n'))
  let at = received.indexOf('\r\n\r\n') + 4
  socket.write(bytes)
  const closeFrame = () => {
    while (received.length >= at + 2) {
      const short = received[at + 1] & 0x7f
      const header = short === 126 ? 4 : short === 127 ? 10 : 2
      if (received.length < at + header) return undefined
      const length = short === 126 ? received.readUInt16BE(at + 2) : short === 127 ? Number(received.readBigUInt64BE(at + 2)) : short
      if ((received[at] & 0x0f) === 8) return { code: length >= 2 && received.length >= at + header + 2 ? received.readUInt16BE(at + header) : 1005 }
      if (received.length < at + header + length) return undefined
      at += header + length
    }
    return undefined
  }
  const found = await until('a close frame, or the end of the connection', () => closeFrame() ?? (ended && { code: 'none' }))
  socket.destroy()
  return found.code
}

/** A masked client frame; `first` is the first byte (0x82: whole binary message). */
export function frame(first, payload, { masked = true, claimedLength = payload.length } = {}) {
  const key = masked ? randomBytes(4) : Buffer.alloc(0)
  const bit = masked ? 0x80 : 0
  let header
  if (claimedLength < 126) header = Buffer.from([first, bit | claimedLength])
  else if (claimedLength < 65536) {
    header = Buffer.from([first, bit | 126, 0, 0])
    header.writeUInt16BE(claimedLength, 2)
  } else {
    header = Buffer.alloc(10)
    header[0] = first
    header[1] = bit | 127
    header.writeBigUInt64BE(BigInt(claimedLength), 2)
  }
  const body = Buffer.from(payload)
  if (masked) for (let i = 0; i < body.length; i++) body[i] ^= key[i % 4]
  return Buffer.concat([header, key, body])
}
