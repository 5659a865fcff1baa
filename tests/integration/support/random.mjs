// One seed for a whole run, printed, so that a failure can be played again: STUDIUM_SEED=… node --test
import { randomInt } from 'node:crypto'

export const seed = Number(process.env.STUDIUM_SEED ?? randomInt(2 ** 31))

/** Tells the reader of a failing run how to play it again. */
export function announceSeed(test) {
  test.diagnostic(`STUDIUM_SEED=${seed}`)
}

/** A generator of its own for every purpose, so that one more draw here changes nothing there. */
export function randomFor(purpose) {
  let state = seed
  for (const letter of String(purpose)) state = Math.imul(state ^ letter.codePointAt(0), 0x9e3779b1) >>> 0
  const next = () => { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    below: (n) => Math.floor(next() * n),
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)],
    letters: (n) => Array.from({ length: n }, () => 'abcdefghij klmnoñóú本語🙂'.at(Math.floor(next() * 20)) ?? 'x').join('')
  }
}
