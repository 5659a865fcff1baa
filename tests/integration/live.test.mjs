// /live as a person meets it: come by code and name, see who is here, write, leave, come back.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { LiveClient, everyoneHangsUp } from './support/live_client.mjs'
import { Studium } from './support/studium.mjs'

let server
const used = []
before(async () => { server = await Studium.start({ groups: 12 }) })
after(async () => { await server?.stop() })
afterEach(() => {
  for (const client of used.splice(0)) assert.deepEqual(client.misfits, [], 'the server broke its own schema')
  everyoneHangsUp()
})

async function join(options) {
  const client = await LiveClient.join(server, options)
  used.push(client)
  return client
}

async function hello(params) {
  const client = await LiveClient.hello(server, params)
  used.push(client)
  return client
}

/** A group that still has room for so many. */
async function roomyGroup(places = 2) {
  const teacher = await hello({ token: server.demo.teacher_token })
  const { groups } = await teacher.call('groups.list')
  const found = groups.find((g) => g.members.length + places <= g.seats)
  assert.ok(found, `no group has ${places} places left`)
  return found.id
}

const send = (client, text, id = randomUUID()) => client.call('messages.send', { id, text })
const personOf = (members, client) => members.find((m) => m.person.id === client.session.me.id)

test('join by code and name, however the code is written', async () => {
  const code = server.demo.join_code
  const first = await join({ name: '  Lucía Ñáñez ' })
  assert.equal(first.session.me.name, 'Lucía Ñáñez')
  assert.equal(first.session.me.role, 'student')
  assert.equal(first.session.storage, true)
  assert.ok(first.session.group.members.length <= first.session.group.seats)
  const second = await join({ name: '結衣', code: ` ${code.toLowerCase().match(/.{1,3}/g).join('-')} ` })
  assert.equal(second.session.cohort.id, first.session.cohort.id)
  assert.notEqual(second.token, first.token)
})

test('members of a group see who comes and who goes', async () => {
  const group = await roomyGroup()
  const ana = await join({ name: 'Ana', group, time_zone: 'America/Bogota' })
  const ben = await join({ name: 'Ben', group, time_zone: 'Asia/Tokyo' })
  const { params } = await ana.event('members.changed', ({ members }) => personOf(members, ben)?.here)
  assert.equal(params.group, group)
  assert.equal(personOf(params.members, ben).person.time_zone, 'Asia/Tokyo')
  assert.equal(personOf(params.members, ana).person.time_zone, 'America/Bogota')
  const { members } = await ben.call('members.list')
  assert.deepEqual([ana, ben].map((each) => personOf(members, each).here), [true, true])

  ana.events.length = 0
  await ben.hangUp()
  await ana.event('members.changed', (now) => personOf(now.members, ben)?.here === false)
})

test('messages reach the group in one order, and the history holds them', async () => {
  const ana = await join({ name: 'Ana M', group: await roomyGroup() })
  const ben = await join({ name: 'Ben M', group: ana.session.group.id })
  const texts = Array.from({ length: 30 }, (_, i) => `message ${i} שלום 🙂`)
  const sent = await Promise.all(texts.map((text, i) => send(i % 2 ? ana : ben, text)))
  for (const client of [ana, ben]) {
    await client.event('messages.posted', ({ message }) => message.id === sent.at(-1).message.id)
    await client.event('messages.posted', ({ message }) => message.id === sent.at(-2).message.id)
  }
  const orderOf = (client) => client.events.filter((e) => e.method === 'messages.posted').map((e) => e.params.message.id)
  assert.deepEqual(orderOf(ana), orderOf(ben))
  assert.equal(new Set(orderOf(ana)).size, texts.length)

  const newest = await ana.call('messages.history', { limit: 20 })
  assert.equal(newest.more, true)
  assert.deepEqual(newest.messages.map((m) => m.id), orderOf(ana).slice(-20))
  const older = await ana.call('messages.history', { limit: 20, before: newest.messages[0].at })
  assert.deepEqual([...older.messages, ...newest.messages].map((m) => m.id).slice(-30), orderOf(ana))
  const later = await ben.call('messages.history', { after: newest.messages[0].at })
  assert.deepEqual(later.messages, newest.messages.slice(1))
  assert.equal(later.more, false)
})

test('a message sent again under its id is stored once, and answered as it was first', async () => {
  const ana = await join({ name: 'Ana D' })
  const id = randomUUID()
  const first = await send(ana, 'once', id)
  const again = await send(ana, 'twice', id)
  assert.deepEqual(again, first)
  const { messages } = await ana.call('messages.history', {})
  assert.deepEqual(messages.filter((m) => m.id === id), [first.message])
})

test('groups do not hear each other', async () => {
  const ana = await join({ name: 'Ana G', group: await roomyGroup(2) })
  const teacher = await hello({ token: server.demo.teacher_token })
  const other = (await teacher.call('groups.list')).groups.find((g) => g.id !== ana.session.group.id && g.members.length < g.seats)
  const ben = await join({ name: 'Ben G', group: other.id })
  const { message } = await send(ana, 'only for us')
  await ana.event('messages.posted', (p) => p.message.id === message.id)
  await send(ben, 'and for us')
  await ben.event('messages.posted')
  assert.ok(!ben.events.some((e) => JSON.stringify(e).includes('only for us')))
  assert.ok(!(await ben.call('messages.history', {})).messages.some((m) => m.id === message.id))
})

test('a token brings its person back, with the history', async () => {
  const ana = await join({ name: 'Ana T' })
  const { message } = await send(ana, 'before the break')
  await ana.hangUp()
  const back = await hello({ token: ana.token })
  assert.deepEqual(back.session.me, ana.session.me)
  assert.equal(back.session.group.id, ana.session.group.id)
  assert.ok((await back.call('messages.history', {})).messages.some((m) => m.id === message.id))
})

test('on two devices a person is here once, and until the last one goes', async () => {
  const ana = await join({ name: 'Ana 2', group: await roomyGroup() })
  const ben = await join({ name: 'Ben 2', group: ana.session.group.id })
  const phone = await hello({ token: ana.token })
  await ana.hangUp()
  const here = async () => personOf((await ben.call('members.list')).members, phone).here
  assert.equal(await here(), true)
  ben.events.length = 0
  await phone.hangUp()
  await ben.event('members.changed', ({ members }) => personOf(members, ana)?.here === false)
})

test('leaving gives up the seat and the token', async () => {
  const ana = await join({ name: 'Ana L', group: await roomyGroup() })
  const ben = await join({ name: 'Ben L', group: ana.session.group.id })
  await ana.call('cohort.leave')
  await ana.event('session.ended', ({ reason }) => reason === 'left')
  assert.equal((await ana.ended()).code, 1000)
  await ben.event('members.changed', ({ members }) => !personOf(members, ana)?.here)
  await assert.rejects(hello({ token: ana.token }), { kind: 'not_signed_in' })
})

test('a teacher lists the groups, opens one and follows it; a student may not', async () => {
  const teacher = await hello({ token: server.demo.teacher_token })
  assert.equal(teacher.session.me.role, 'teacher')
  assert.equal(teacher.session.group, null)
  const { groups } = await teacher.call('groups.list')
  assert.deepEqual(groups.map((g) => g.workspace).sort(), [...server.demo.workspaces].sort())

  const ana = await join({ name: 'Ana W' })
  const opened = await teacher.call('group.open', { group: ana.session.group.id })
  assert.ok(personOf(opened.group.members, ana).here)
  const { message } = await send(ana, 'is anyone watching?')
  await teacher.event('messages.posted', (p) => p.message.id === message.id)
  const answer = await send(teacher, 'I am')
  await ana.event('messages.posted', (p) => p.message.id === answer.message.id && p.message.from.role === 'teacher')

  await assert.rejects(ana.call('groups.list'), { kind: 'forbidden' })
  await assert.rejects(ana.call('group.open', { group: ana.session.group.id }), { kind: 'forbidden' })
})

test('after the server was killed a token, the members and the messages are still there', async () => {
  const ana = await join({ name: 'Ana K' })
  const { message } = await send(ana, 'kept')
  await server.kill()
  await ana.ended()
  await server.begin()
  const back = await hello({ token: ana.token })
  assert.equal(back.session.me.id, ana.session.me.id)
  const { messages } = await back.call('messages.history', {})
  assert.deepEqual(messages.filter((m) => m.id === message.id), [message])
})
