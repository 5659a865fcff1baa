// A student in Bogotá on a phone and one in Osaka at a desk write together, while the network and the server fail them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Studium } from '../integration/support/studium.mjs'
import { until } from '../integration/support/until.mjs'
import { Person, desktop, launch, phone } from './support/person.mjs'
import { web } from './support/web.mjs'

const outage = 20_000

let server, browser, valentina, haruto
before(async () => {
  server = await Studium.start({ groups: 2, args: ['--web', web()] })
  browser = await launch()
  valentina = await Person.sitDown(browser, server, 'Valentina', { locale: 'es-CO', timezoneId: 'America/Bogota', device: phone })
  haruto = await Person.sitDown(browser, server, 'Haruto', { locale: 'ja-JP', timezoneId: 'Asia/Tokyo', device: desktop })
})
after(async () => {
  await Promise.all([valentina?.leave(), haruto?.leave()])
  await browser?.close()
  await server?.stop()
})

async function equal(...people) {
  const texts = () => Promise.all(people.map((p) => p.text()))
  await until(async () => `equal notes; they are ${JSON.stringify(await texts())}`, async () => new Set(await texts()).size === 1, { limit: 60_000, every: 100 })
  return people[0].text()
}

async function clean() {
  await Promise.all([valentina.assertClean(), haruto.assertClean()])
}

test('one joins by link on a phone, the other by code at a desk, and both are in one group', { timeout: 180_000 }, async () => {
  await valentina.joinByLink(server.demo.join_code)
  await haruto.joinByCode(server.demo.osaka_join_code)
  assert.deepEqual(await Promise.all([valentina, haruto].map((p) => p.page.locator('h1').first().innerText())), Array(2).fill('Condor'))
  await valentina.chipSays('saved')
  await haruto.chipSays('saved')
})

test('each sees the other: name, school, local time', { timeout: 120_000 }, async () => {
  const osaka = await valentina.sees('Haruto')
  assert.match(osaka.text, /Yodogawa Middle School, Osaka/)
  await until('the time in Osaka, in Spanish', async () => (await valentina.timesIn('Asia/Tokyo')).includes((await valentina.sees('Haruto')).time))
  assert.equal(osaka.presence, 'here')
  const bogota = await haruto.sees('Valentina')
  assert.match(bogota.text, /Colegio Monserrate, Bogotá/)
  await until('the time in Bogotá, in Japanese', async () => (await haruto.timesIn('America/Bogota')).includes((await haruto.sees('Valentina')).time))
})

test('both type at once and see each other\'s carets', { timeout: 120_000 }, async () => {
  await valentina.beginParagraph()
  await valentina.type('Hola. ')
  await until('the greeting to arrive', async () => (await haruto.text()).includes('Hola.'))
  await haruto.beginParagraph()
  await haruto.type('こんにちは。')
  await valentina.seesCaretOf('Haruto')
  await haruto.seesCaretOf('Valentina')

  await Promise.all([valentina.type('El río Bogotá nace en Villapinzón.'), haruto.type('淀川は琵琶湖から流れます。')])
  const text = await equal(valentina, haruto)
  assert.match(text, /Hola\. El río Bogotá nace en Villapinzón\./)
  assert.match(text, /こんにちは。淀川は琵琶湖から流れます。/)
  await Promise.all([valentina.chipSays('saved'), haruto.chipSays('saved')])
  assert.deepEqual([...new Set([...await valentina.chips(), ...await haruto.chips()])].filter((s) => !['saved', 'sending'].includes(s)), [])
  await haruto.photograph('desktop')
  await valentina.photograph('phone')
})

test('messages go both ways', { timeout: 120_000 }, async () => {
  await valentina.post('¿Qué hora es allá?')
  await haruto.reads('¿Qué hora es allá?')
  await haruto.post('朝です。おはよう!')
  await valentina.reads('朝です。おはよう!')
  await valentina.photograph('phone-messages')
  await clean()
})

test('the network is cut for one of them for 20 s; both type on, and both end equal', { timeout: 240_000 }, async () => {
  await valentina.returnTo('Hola.')
  await haruto.returnTo('こんにちは。')
  await valentina.forgetChips()
  const began = performance.now()
  await valentina.goOffline()
  await valentina.chipSays('offline')

  await Promise.all([valentina.type(' Sin red sigo escribiendo.'), haruto.type('彼女は今オフラインです。')])
  await haruto.chipSays('saved')
  assert.equal(await valentina.chip(), 'offline')
  assert.ok((await valentina.text()).includes('Sin red sigo escribiendo.'))
  assert.ok(!(await haruto.text()).includes('Sin red'), 'the wire was not cut')
  assert.deepEqual((await valentina.chips()).filter((s) => !['saved', 'offline'].includes(s)), [])

  // The page itself is opened anew, still without a network: shell and text come from the device.
  await valentina.page.reload()
  await valentina.notes.waitFor()
  await until('the text to come back from the device', async () => (await valentina.text()).includes('Sin red sigo escribiendo.'))
  await valentina.chipSays('offline')
  await valentina.beginParagraph()
  await valentina.type('Y después de recargar también.')
  await valentina.photograph('phone-offline')

  await until('the outage to have lasted', () => performance.now() - began > outage)
  assert.equal(await valentina.chip(), 'offline')
  await valentina.forgetChips()
  await valentina.goOnline()
  await valentina.chipSays('saved')
  valentina.networkMayFail = false
  const text = await equal(valentina, haruto)
  for (const part of ['Sin red sigo escribiendo.', 'Y después de recargar también.', '彼女は今オフラインです。']) assert.ok(text.includes(part), part)
  const chips = await valentina.chips()
  assert.equal(chips[0], 'offline')
  assert.ok(chips.includes('sending'), `the chip went ${chips}`)
  await clean()
})

test('the server is killed while both type; nothing is lost', { timeout: 240_000 }, async () => {
  for (const person of [valentina, haruto]) {
    await person.forgetChips()
    person.networkMayFail = true
  }
  await haruto.returnTo('こんにちは。')
  const typing = Promise.all([
    valentina.type(' Mientras el servidor muere, la página guarda todo lo que escribo.', { delay: 80 }),
    haruto.type('サーバーが落ちても文章は残ります。サーバーが落ちても文章は残ります。', { delay: 150 })
  ])
  await until('some of it to arrive', async () => (await haruto.text()).includes('Mientras el'))
  await server.kill()
  await Promise.all([valentina.chipSays('offline'), haruto.chipSays('offline')])
  await typing
  assert.deepEqual(await Promise.all([valentina.chip(), haruto.chip()]), ['offline', 'offline'])
  await server.begin()
  await Promise.all([valentina.chipSays('saved'), haruto.chipSays('saved')])
  for (const person of [valentina, haruto]) person.networkMayFail = false
  const text = await equal(valentina, haruto)
  assert.ok(text.includes('Mientras el servidor muere, la página guarda todo lo que escribo.'))
  assert.ok(text.includes('サーバーが落ちても文章は残ります。サーバーが落ちても文章は残ります。'))
})

test('what the chip called saved is what a newcomer finds after another kill', { timeout: 240_000 }, async () => {
  await valentina.beginParagraph()
  await valentina.type('Última línea.')
  await valentina.chipSays('saved')
  for (const person of [valentina, haruto]) person.networkMayFail = true
  const text = await valentina.text()
  await Promise.all([valentina.goOffline(), haruto.goOffline()]) // no copy of theirs may help
  await server.kill()
  await server.begin()
  const mateo = await Person.sitDown(browser, server, 'Mateo', { locale: 'en-GB', timezoneId: 'America/Bogota', device: desktop })
  await mateo.joinByCode(server.demo.join_code)
  await until('the newcomer to have the notes', async () => (await mateo.text()) === text)
  await Promise.all([valentina.goOnline(), haruto.goOnline()])
  await equal(valentina, haruto, mateo)
  await mateo.assertClean()
  await mateo.leave()
})
