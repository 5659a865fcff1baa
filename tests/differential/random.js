// Repeatable randomness: everything a run does follows from its seed.

export class Random {
  constructor (seed) { this.state = seed >>> 0 }

  /** 32 bits, by mulberry32. */
  bits () {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** An integer from 0 below n. */
  below (n) { return n <= 0 ? 0 : Math.floor(this.bits() / 4294967296 * n) }
  chance (p) { return this.bits() / 4294967296 < p }
  pick (list) { return list[this.below(list.length)] }

  shuffled (list) {
    const out = [...list]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j], out[i]]
    }
    return out
  }
}
