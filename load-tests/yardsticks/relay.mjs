// The least that still looks like a Yjs server to its clients: it passes every message on to the others of the
// room, answers sync step 1 with nothing, keeps nothing and knows nothing. usage: node relay.mjs PORT
import { WebSocketServer } from 'ws'

const [sync, stepOne] = [0, 0]
const askForState = Buffer.from([sync, stepOne, 1, 0])
const nothing = Buffer.from([0, 1, 2, 0, 0])

const rooms = new Map()
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2] ?? 0), perMessageDeflate: false })

server.on('connection', (socket, request) => {
  const room = rooms.get(request.url) ?? new Set()
  rooms.set(request.url, room.add(socket))
  socket.send(askForState)
  socket.on('message', (message) => {
    if (message[0] === sync && message[1] === stepOne) return socket.send(nothing)
    for (const other of room) if (other !== socket) other.send(message)
  })
  socket.on('close', () => {
    room.delete(socket)
    if (room.size === 0) rooms.delete(request.url)
  })
  socket.on('error', () => socket.terminate())
})
server.on('listening', () => console.log(`ready at ws://127.0.0.1:${server.address().port}`))
