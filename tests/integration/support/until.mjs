// Waiting is for a condition and has a limit; what was waited for is in the error.
import { setTimeout as pause } from 'node:timers/promises'

/** Resolves with the first truthy answer of `condition`; rejects after `limit` ms, saying what was awaited. */
export async function until(what, condition, { limit = 30_000, every = 10 } = {}) {
  const end = performance.now() + limit
  for (;;) {
    const answer = await condition()
    if (answer) return answer
    if (performance.now() > end) {
      const now = typeof what === 'function' ? await what() : what
      throw new Error(`waited ${limit} ms in vain for: ${now}`)
    }
    await pause(every)
  }
}

/** Rejects where `promise` takes longer than `limit` ms. */
export async function within(limit, what, promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limit} ms in vain for: ${what}`)), limit)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
