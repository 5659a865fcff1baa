// A person at a browser of their own: device, language, place, network; and all that their browser complains of.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { root } from '../../integration/support/studium.mjs'
import { until } from '../../integration/support/until.mjs'
import { Wire } from './wire.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screenshots = join(root, 'build/screenshots')
const patience = 60_000

export function launch() {
  return chromium.launch({
    executablePath: process.env.STUDIUM_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage']
  })
}

export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
export const desktop = { viewport: { width: 1280, height: 800 } }

// Runs in the page before anything of it: notes each state of the chip, and each breach of the content policy.
function watchPage() {
  window.chips = []
  window.breaches = []
  document.addEventListener('securitypolicyviolation', (e) => window.breaches.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))
  const look = () => {
    const now = document.querySelector('[data-testid="save-chip"]')?.dataset.state
    if (now && now !== window.chips.at(-1)) window.chips.push(now)
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] })
}

export class Person {
  complaints = []
  strangers = [] // requests that left our origin
  networkMayFail = false

  static async sitDown(browser, server, name, { locale, timezoneId, device }) {
    const person = new Person()
    person.name = name
    person.locale = locale
    person.timezoneId = timezoneId
    person.isOnPhone = device === phone
    person.wire = await Wire.to(server)
    person.context = await browser.newContext({ ...device, locale, timezoneId, reducedMotion: 'reduce' })
    person.context.setDefaultTimeout(patience)
    await person.context.addInitScript(watchPage)
    person.context.on('request', (request) => person.#meets(request.url()))
    person.page = await person.context.newPage()
    person.page.on('websocket', (socket) => person.#meets(socket.url()))
    person.page.on('console', (message) => { if (message.type() === 'error') person.#complain(message.text()) })
    person.page.on('pageerror', (error) => person.#complain(String(error)))
    return person
  }

  #meets(url) {
    const { host, protocol } = new URL(url)
    if (protocol !== 'data:' && protocol !== 'blob:' && host !== `127.0.0.1:${this.wire.port}`) this.strangers.push(url)
  }

  // A browser reports every connection that fails; while the test cuts the network that is no fault of the page.
  #complain(text) {
    if (this.networkMayFail && /WebSocket connection to|net::ERR_|Failed to load resource/.test(text)) return
    this.complaints.push(text)
  }

  async open(path) {
    await this.page.goto(this.wire.url + path)
  }

  async joinByLink(code) {
    await this.open(`/join/${code}`)
    assert.equal(await this.at('join-code').inputValue(), code)
    await this.#giveName()
  }

  async joinByCode(code) {
    await this.open('/')
    await this.at('join-code').fill(code.toLowerCase())
    await this.#giveName()
  }

  async #giveName() {
    await this.at('join-name').fill(this.name)
    await this.at('join-submit').click()
    await this.notes.waitFor()
  }

  at(id) { return this.page.getByTestId(id) }
  get notes() { return this.page.getByTestId('notes') }

  /** On a phone one part of the page shows at a time. */
  async turnTo(pane) {
    const button = this.at(`pane-${pane}`)
    if (this.isOnPhone && (await button.getAttribute('aria-current')) !== 'true') await button.click()
  }

  /** A paragraph of one's own at the end of the notes. */
  async beginParagraph() {
    await this.turnTo('notes')
    await this.notes.click()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.press('Enter')
  }

  /** Puts the cursor behind the paragraph that holds `fragment`, as a tap there would. */
  async returnTo(fragment) {
    await this.turnTo('notes')
    await this.notes.focus()
    await this.notes.evaluate((notes, wanted) => {
      const block = [...notes.children].find((each) => each.textContent.includes(wanted))
      window.getSelection().collapse(block, block.childNodes.length)
    }, fragment)
  }

  async type(text, { delay = 30 } = {}) {
    assert.ok(await this.notes.evaluate((notes) => notes === document.activeElement), `${this.name} is not in the notes`)
    await this.page.keyboard.type(text, { delay })
  }

  /** The time in another zone as this page words it; a minute may end while we look. */
  timesIn(timeZone) {
    return this.page.evaluate((zone) => {
      const format = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hour: 'numeric', minute: '2-digit' })
      return [0, 60_000].map((ago) => format.format(Date.now() - ago))
    }, timeZone)
  }

  text() {
    return this.notes.evaluate((notes) => [...notes.children].map((block) => block.textContent).join('\n'))
  }

  chip() { return this.at('save-chip').getAttribute('data-state') }

  /** The chip's states since the page was opened or `forgetChips` was called. */
  chips() { return this.page.evaluate(() => window.chips) }
  forgetChips() { return this.page.evaluate(() => { window.chips = window.chips.slice(-1) }) }

  async chipSays(state, limit = patience) {
    await until(async () => `${this.name}'s chip to say ${state}; it said ${await this.chips()}`, async () => (await this.chip()) === state, { limit, every: 50 })
  }

  async seesCaretOf(name) {
    await this.turnTo('notes')
    await this.page.locator(`.caret-label[data-name="${name}"]`).waitFor({ state: 'attached' })
  }

  /** How the list of people shows somebody: { school, time, presence }. */
  async sees(name) {
    await this.turnTo('people')
    const row = this.at('person').filter({ hasText: name })
    await row.waitFor()
    return {
      text: await row.innerText(),
      time: await row.locator('time').innerText(),
      presence: await row.getAttribute('data-presence')
    }
  }

  async post(text) {
    await this.turnTo('messages')
    await this.at('message-input').fill(text)
    await this.at('message-send').click()
  }

  async reads(text) {
    await this.turnTo('messages')
    await this.at('message').filter({ hasText: text }).waitFor()
  }

  async goOffline() {
    this.networkMayFail = true
    this.wire.cut()
    await this.context.setOffline(true)
  }

  async goOnline() {
    await this.context.setOffline(false)
    await this.wire.mend()
  }

  async photograph(name) {
    mkdirSync(screenshots, { recursive: true })
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) })
  }

  /** What axe-core finds wrong with the screen as it stands. */
  async barriers() {
    await this.page.evaluate(axe)
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(', ')}`)
  }

  /** Nothing blocked, nothing thrown, nobody else asked. */
  async assertClean() {
    const breaches = await this.page.evaluate(() => window.breaches)
    assert.deepEqual({ breaches, complaints: this.complaints, strangers: this.strangers }, { breaches: [], complaints: [], strangers: [] }, this.name)
  }

  async leave() {
    await this.context.close()
    this.wire.cut()
  }
}
