// Bad input gets a clear answer, and touches nobody else: in every test an innocent person sits in the same room.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import * as Y from 'yjs'
import { closeCodeAfter, closeCodeAfterBytes, frame, upgradeStatus } from './support/hostile.mjs'
import { LiveClient, closeCodes, errorCodes, everyoneHangsUp } from './support/live_client.mjs'
import { Studium } from './support/studium.mjs'
import { until } from './support/until.mjs'
import { Writer, everyoneLeaves } from './support/writer.mjs'

let server
before(async () => {
  server = await Studium.start({ groups: 3, config: '[limits]\nmax_document_bytes = 200000\n' })
})
after(async () => { await server?.stop() })

const roomUrl = (token = server.token, room = server.demo.workspaces[0]) => `${server.collabUrl}/${room}?token=${token}`
const liveUrl = () => `${server.socketUrl}/live`

describe('/collab', () => {
  let bystander, friend, losses, number = 0
  beforeEach(async () => {
    bystander = new Writer(server, server.demo.workspaces[0], `bystander${++number}`)
    friend = new Writer(server, server.demo.workspaces[0], `friend${number}`)
    losses = 0
    await Promise.all([bystander.synced(), friend.synced()])
    for (const writer of [bystander, friend]) writer.provider.on('connection-close', (event) => { if (event) losses++ })
  })
  afterEach(async () => {
    const id = bystander.edit((doc) => doc.getText('shared').insert(0, 'still here. '))
    await until('the bystander to be heard', () => friend.knows(id))
    assert.equal(losses, 0, 'the bystander was cut off')
    everyoneLeaves()
  })

  test('a bad token and no token are refused before the upgrade', async () => {
    assert.equal(await upgradeStatus(roomUrl('not-a-token')), 401)
    assert.equal(await upgradeStatus(`${server.collabUrl}/${server.demo.workspaces[0]}`), 401)
    assert.equal(await upgradeStatus(roomUrl('%00%ff')), 400)
  })

  test('an unknown room looks like one that is not yours', async () => {
    const member = await LiveClient.join(server, { name: 'Only one group' })
    const another = server.demo.workspaces.find((id) => id !== member.session.group.workspace)
    assert.equal(await upgradeStatus(roomUrl(server.token, 'no-such-room')), 404)
    assert.equal(await upgradeStatus(roomUrl(member.token, another)), 404)
    assert.equal(await upgradeStatus(roomUrl(member.token, member.session.group.workspace)), 101)
    for (const odd of ['', 'a/b', '..%2f..', 'x'.repeat(300), '%7B%7D', '%0d%0aX', '*']) {
      assert.ok([400, 404].includes(await upgradeStatus(roomUrl(server.token, odd))), `room "${odd}"`)
    }
    everyoneHangsUp()
  })

  test('a text frame', async () => {
    assert.equal(await closeCodeAfter(roomUrl(), (socket) => socket.send('{"hello":1}')), closeCodes.wrong_frame_kind)
  })

  const bytes = (...list) => Buffer.from(list)
  const update = (body) => Buffer.concat([bytes(0, 2, body.length), body])
  const malformed = {
    'an empty message': bytes(),
    'an unknown message type': bytes(77),
    'an unknown sync step': bytes(0, 9, 0),
    'a message that ends early': bytes(0, 2, 200, 1, 1),
    'trailing bytes after the message': bytes(0, 0, 1, 0, 99),
    'a state vector that ends early': bytes(0, 0, 1, 5),
    'an update that is noise': update(bytes(1, 1, 1, 0, 31, 1, 1)),
    'an update with bytes after its end': update(bytes(0, 0, 0)),
    'an update in the V2 encoding': update(Buffer.from(Y.encodeStateAsUpdateV2(sampleDocument()))),
    'a count of structs that no update could hold': update(bytes(1, 0x80, 0x80, 0x80, 0x80, 0x20, 1, 0)),
    'text that is not UTF-8': update(bytes(1, 1, 1, 0, 4, 1, 1, 0x74, 2, 0xc3, 0x28, 0)),
    'a type that Yjs does not have': update(bytes(1, 1, 1, 0, 7, 1, 1, 0x74, 9, 0)),
    'a format that is not JSON': update(bytes(1, 1, 1, 0, 6, 1, 1, 0x74, 1, 0x62, 2, 0x7b, 0x7b, 0)),
    'a varint without an end': bytes(0, 2, ...Array(12).fill(0xff)),
    'awareness that is not JSON': bytes(1, 6, 1, 9, 1, 2, 0x7b, 0x7b),
    'awareness that ends early': bytes(1, 6, 4, 9, 1, 2, 0x7b, 0x7d)
  }
  for (const [what, message] of Object.entries(malformed)) {
    test(what, async () => {
      assert.equal(await closeCodeAfter(roomUrl(), (socket) => socket.send(message)), closeCodes.malformed)
    })
  }

  test('a struct of 2^40 deleted units under the name of another', async () => {
    const victim = bystander.doc.clientID
    const varUint = (n) => { const out = []; for (; n >= 128; n = Math.floor(n / 128)) out.push(n % 128 | 128); return [...out, n] }
    const body = Buffer.from([1, 1, ...varUint(victim), ...varUint(Y.getState(bystander.doc.store, victim)), 0, ...varUint(2 ** 40), 0])
    const code = await closeCodeAfter(roomUrl(), (socket) => socket.send(update(body)))
    assert.ok([closeCodes.malformed, closeCodes.too_big].includes(code), String(code))
  })

  test('an update over the limit of one update', async () => {
    const doc = new Y.Doc()
    doc.getText('shared').insert(0, 'x'.repeat(2 * 1024 * 1024))
    const body = Buffer.from(Y.encodeStateAsUpdate(doc))
    const size = [body.length & 0x7f | 0x80, body.length >> 7 & 0x7f | 0x80, body.length >> 14 & 0x7f | 0x80, body.length >> 21]
    const message = Buffer.concat([bytes(0, 2, ...size), body])
    assert.equal(await closeCodeAfter(roomUrl(), (socket) => socket.send(message)), closeCodes.too_big)
  })

  test('an update for which the document has no room left', async () => {
    const room = server.demo.workspaces[1]
    const writer = new Writer(server, room, 'verbose')
    await writer.synced()
    let code
    writer.provider.on('closed', (event) => { code = event.code })
    for (let i = 0; i < 3; i++) writer.edit((doc) => doc.getText('shared').insert(0, 'y'.repeat(90_000)))
    await until('the document to be full', () => code)
    assert.equal(code, closeCodes.document_full)
    const reader = new Writer(server, room, 'reader')
    await reader.synced()
    assert.ok(reader.doc.getText('shared').length >= 90_000)
  })

  const impossible = {
    'a frame without a mask': [frame(0x82, bytes(3), { masked: false }), 1002],
    'a reserved bit': [frame(0xc2, bytes(3)), 1002],
    'a reserved opcode': [frame(0x83, bytes(3)), 1002],
    'a continuation of nothing': [frame(0x80, bytes(3)), 1002],
    'a ping of 126 bytes': [frame(0x89, Buffer.alloc(126)), 1002],
    'a fragmented ping': [frame(0x09, bytes()), 1002],
    'a length of 2^62': [frame(0x82, bytes(), { claimedLength: 2 ** 62 }), 1009],
    'a length of 1 GiB': [frame(0x82, bytes(), { claimedLength: 2 ** 30 }), 1009],
    'a close code that nobody may send': [frame(0x88, bytes(0x03, 0xed)), 1002]
  }
  for (const [what, [message, code]] of Object.entries(impossible)) {
    test(what, async () => {
      assert.equal(await closeCodeAfterBytes(roomUrl(), message), code)
    })
  }

  test('a connection that breaks in the middle of a frame', async () => {
    await closeCodeAfter(roomUrl(), (socket) => {
      socket._socket.write(frame(0x82, bytes(0, 2), { claimedLength: 1000 }))
      socket._socket.destroy()
    })
  })
})

describe('/live', () => {
  let bystander, friend
  let people = 0
  beforeEach(async () => {
    bystander = await LiveClient.join(server, { name: `Bystander ${++people}` })
    friend = await LiveClient.hello(server, { token: bystander.token })
  })
  afterEach(async () => {
    const { message } = await bystander.call('messages.send', { id: `b-${people}`, text: 'still here' })
    await friend.event('messages.posted', (p) => p.message.id === message.id)
    assert.deepEqual([bystander.closed, friend.closed], [undefined, undefined])
    await bystander.call('cohort.leave') // the seat is for the next
    everyoneHangsUp()
  })

  async function answers(frame, kind, options) {
    const client = await LiveClient.hello(server)
    const answer = await client.raw(frame, options)
    assert.equal(answer?.error?.code, errorCodes[kind], JSON.stringify(answer ?? client.closed))
    assert.equal(answer.error.data.kind, kind)
    assert.equal((await client.call('cohort.join', { code: server.demo.join_code, name: 'Goes on' })).session.me.name, 'Goes on')
    await client.call('cohort.leave')
    return answer
  }

  const request = (method, params, more = {}) => JSON.stringify({ jsonrpc: '2.0', id: 9, method, params, ...more })

  const notRequests = {
    'malformed JSON': ['{"jsonrpc": "2.0", "id": 1', 'parse'],
    'nothing at all': ['', 'parse'],
    'a number': ['17', 'invalid_request'],
    'a batch': [`[${request('hello', {})}]`, 'invalid_request'],
    'another version': ['{"jsonrpc":"1.0","id":1,"method":"hello","params":{}}', 'invalid_request'],
    'no method': ['{"jsonrpc":"2.0","id":1,"params":{}}', 'invalid_request'],
    'an id that is an object': ['{"jsonrpc":"2.0","id":{},"method":"hello","params":{}}', 'invalid_request'],
    'JSON a thousand deep': ['['.repeat(1000) + ']'.repeat(1000), 'invalid_request'],
    'an unknown method': [request('cohort.explode', {}), 'unknown_method'],
    'a method named like a trap': [request('__proto__', {}), 'unknown_method']
  }
  for (const [what, [text, kind]] of Object.entries(notRequests)) test(what, () => answers(text, kind))

  const wrongParams = {
    'params as a list': ['cohort.join', ['code', 'name']],
    'a name that is a number': ['cohort.join', { code: 'ABCDEF', name: 7 }],
    'an empty name': ['cohort.join', { code: 'ABCDEF', name: '' }],
    'a name of blanks': ['cohort.join', { code: 'ABCDEF', name: '   ' }],
    'a name that is too long': ['cohort.join', { code: 'ABCDEF', name: 'n'.repeat(61) }],
    'a name with a direction override': ['cohort.join', { code: 'ABCDEF', name: 'a\u202eb' }],
    'a name with a line break': ['cohort.join', { code: 'ABCDEF', name: 'a\nb' }],
    'no code': ['cohort.join', { name: 'Ana' }],
    'a member too many': ['cohort.join', { code: 'ABCDEF', name: 'Ana', admin: true }],
    'a time zone with blanks': ['cohort.join', { code: 'ABCDEF', name: 'Ana', time_zone: 'no zone' }],
    'a group that is no id': ['cohort.join', { code: 'ABCDEF', name: 'Ana', group: '../x' }]
  }
  for (const [what, [method, params]] of Object.entries(wrongParams)) {
    test(what, () => answers(request(method, params), 'invalid_params'))
  }

  test('a wrong code', async () => {
    const answer = await answers(request('cohort.join', { code: 'WRONG-1', name: 'Ana' }), 'not_found')
    assert.equal(answer.error.data.field, 'code')
  })

  test('an unknown group', () => answers(request('cohort.join', { code: server.demo.join_code, name: 'Ana', group: 'g-none' }), 'not_found'))

  test('a full group', async () => {
    const { group } = bystander.session
    let refused
    for (let i = 0; i < group.seats && !refused; i++) {
      await LiveClient.join(server, { name: `Seat ${i}`, group: group.id }).catch((error) => { refused = error })
    }
    assert.equal(refused?.code, errorCodes.full)
  })

  test('before hello, and without having joined', async () => {
    const client = await LiveClient.connect(server)
    await assert.rejects(client.call('members.list'), { kind: 'invalid_request' })
    await client.call('hello', { protocol: 1, client: 'studium-tests/1' })
    await assert.rejects(client.call('members.list'), { kind: 'not_signed_in' })
    await assert.rejects(client.call('messages.send', { id: 'a', text: 'a' }), { kind: 'not_signed_in' })
    await assert.rejects(client.call('groups.list'), { kind: 'not_signed_in' })
  })

  test('a bad token leaves the socket open for a join', async () => {
    const client = await LiveClient.connect(server)
    await assert.rejects(client.call('hello', { protocol: 1, client: 'studium-tests/1', token: 'stolen' }), { kind: 'not_signed_in' })
    await client.call('cohort.join', { code: server.demo.join_code, name: 'After all' })
    await client.call('cohort.leave')
  })

  test('another protocol version', async () => {
    const client = await LiveClient.connect(server)
    await assert.rejects(client.call('hello', { protocol: 2, client: 'studium-tests/1' }), { kind: 'invalid_params' })
  })

  test('a message that is empty, too long, or under a bad id', async () => {
    for (const params of [{ id: 'x', text: '' }, { id: 'x', text: 'x'.repeat(2001) }, { id: 'white space', text: 'x' }, { id: 'x' }]) {
      await assert.rejects(bystander.call('messages.send', params), { kind: 'invalid_params' })
    }
  })

  test('a binary frame', async () => {
    const code = await closeCodeAfter(liveUrl(), (socket) => socket.send(Buffer.from([0, 0, 1, 0])))
    assert.equal(code, closeCodes.wrong_frame_kind)
  })

  test('a frame over the limit', async () => {
    const code = await closeCodeAfter(liveUrl(), (socket) => socket.send(request('hello', { client: 'x'.repeat(1 << 20) })))
    assert.equal(code, closeCodes.too_big)
  })

  test('text that is not UTF-8', async () => {
    assert.equal(await closeCodeAfterBytes(liveUrl(), frame(0x81, Buffer.from([0x7b, 0xff, 0x7d]))), 1007)
  })

  test('nonsense again and again', async () => {
    assert.equal(await closeCodeAfter(liveUrl(), (socket) => { for (let i = 0; i < 30; i++) socket.send('nonsense') }), closeCodes.malformed)
  })

  test('guessing codes is slowed down', async () => {
    const client = await LiveClient.hello(server)
    const kinds = []
    for (let i = 0; i < 12; i++) {
      await client.call('cohort.join', { code: `GUESS${i}`, name: 'Mallory' }).catch(({ kind }) => kinds.push(kind))
    }
    assert.ok(kinds.includes('rate_limited'), kinds.join())
  })

  test('a flood of requests', async () => {
    const client = await LiveClient.hello(server)
    const answers = await Promise.allSettled(Array.from({ length: 3000 }, () => client.call('members.list')))
    const limited = answers.filter(({ reason }) => reason?.kind === 'rate_limited').length
    assert.ok(limited > 50, `${limited} were told to wait`)
    assert.equal(client.closed?.code, closeCodes.flooding)
  })

  test('a socket that never says hello', async () => {
    const impatient = await Studium.start({ config: '[limits]\nhello_timeout_ms = 300\n' })
    assert.equal(await closeCodeAfter(`${impatient.socketUrl}/live`, () => {}), closeCodes.no_hello)
    await impatient.stop()
  })
})

describe('HTTP', () => {
  test('an upgrade of a path that is no socket, and a socket path without an upgrade', async () => {
    assert.ok([400, 404, 426].includes(await upgradeStatus(`${server.socketUrl}/nowhere`)))
    assert.ok([400, 404, 426].includes((await fetch(`${server.url}/live`)).status))
    assert.ok([400, 401, 404, 426].includes((await fetch(`${server.url}/collab/${server.demo.workspaces[0]}`)).status))
  })

  test('health and readiness', async () => {
    for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(`${server.url}${path}`)).status, 200, path)
  })
})

function sampleDocument() {
  const doc = new Y.Doc()
  doc.getText('shared').insert(0, 'hello')
  return doc
}
