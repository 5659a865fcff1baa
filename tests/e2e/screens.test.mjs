// Every screen as people of several languages meet it: no barrier that axe-core knows, nothing blocked by the content
// policy, nothing asked of another origin.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Studium } from '../integration/support/studium.mjs'
import { until } from '../integration/support/until.mjs'
import { Person, desktop, launch, phone } from './support/person.mjs'
import { web } from './support/web.mjs'

let server, browser
const people = []
before(async () => {
  server = await Studium.start({ groups: 3, args: ['--web', web()] })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})
afterEach(async () => { for (const person of people.splice(0)) await person.leave() })

async function sitDown(name, options) {
  const person = await Person.sitDown(browser, server, name, options)
  people.push(person)
  return person
}

const colombian = { locale: 'es-CO', timezoneId: 'America/Bogota', device: phone }
const egyptian = { locale: 'ar', timezoneId: 'Africa/Cairo', device: phone }
const english = { locale: 'en-GB', timezoneId: 'Europe/London', device: desktop }

// Colours are looked at when they have arrived, not halfway through a transition.
async function noBarriers(person, screen) {
  await person.page.evaluate(() => Promise.allSettled(document.getAnimations().map((each) => each.finished)))
  assert.deepEqual(await person.barriers(), [], screen)
}

test('joining on a phone', { timeout: 120_000 }, async () => {
  const sofia = await sitDown('Sofía', colombian)
  await sofia.open('/')
  await sofia.at('join-submit').waitFor()
  await noBarriers(sofia, 'join')
  await sofia.photograph('phone-join')
  assert.equal(await sofia.page.evaluate(() => document.documentElement.lang), 'es')
  assert.ok(await sofia.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'scrolls sideways')

  await sofia.at('join-code').fill('WRONG9')
  await sofia.at('join-name').fill('Sofía')
  await sofia.at('join-submit').click()
  await until('the page to say that the code is wrong', async () => (await sofia.at('join-error').textContent()) !== '')
  await noBarriers(sofia, 'join with an error')
  await sofia.assertClean()
})

test('the group on a phone, part by part', { timeout: 120_000 }, async () => {
  const sofia = await sitDown('Sofía', colombian)
  await sofia.joinByLink(server.demo.join_code)
  await sofia.beginParagraph()
  await sofia.type('Notas de hoy')
  for (const pane of ['notes', 'messages', 'people']) {
    await sofia.turnTo(pane)
    await noBarriers(sofia, pane)
    assert.ok(await sofia.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${pane} scrolls sideways`)
  }
  await sofia.assertClean()
})

test('the group at a desk', { timeout: 120_000 }, async () => {
  const amy = await sitDown('Amy', english)
  await amy.joinByCode(server.demo.osaka_join_code)
  await amy.post('Good morning')
  await amy.reads('Good morning')
  await noBarriers(amy, 'group')
  await amy.assertClean()
})

test('in Arabic the page runs from right to left', { timeout: 120_000 }, async () => {
  const layla = await sitDown('ليلى', egyptian)
  await layla.open('/')
  await layla.at('join-submit').waitFor()
  assert.deepEqual(await layla.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ['ar', 'rtl'])
  await noBarriers(layla, 'join in Arabic')
  await layla.joinByCode(server.demo.join_code)
  await layla.beginParagraph()
  await layla.type('مرحبا من القاهرة')
  await layla.chipSays('saved')
  await noBarriers(layla, 'group in Arabic')
  await layla.photograph('arabic')
  await layla.assertClean()
})

test('a teacher sees all groups and opens one', { timeout: 120_000 }, async () => {
  const teacher = await sitDown('Ms Rojas', english)
  await teacher.open(new URL(server.demo.teacher_url).pathname + new URL(server.demo.teacher_url).hash)
  await until('all groups to be listed', async () => (await teacher.at('group-card').count()) === server.demo.workspaces.length)
  await noBarriers(teacher, 'groups')
  await teacher.photograph('teacher')
  await teacher.at('group-card').first().click()
  await teacher.notes.waitFor()
  await noBarriers(teacher, 'a group, as its teacher')
  await teacher.assertClean()
})

test('the policy is strict, and the page is told to keep to it', async () => {
  const page = await fetch(`${server.url}/`)
  assert.equal(page.status, 200)
  const policy = page.headers.get('content-security-policy')
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*|https?:/)
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
})
