// Bytes that were an update once.

const splice = (bytes, at, remove, insert = []) =>
  Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)])

const interesting = [0, 1, 2, 0x0a, 0x20, 0x40, 0x74, 0x75, 0x76, 0x77, 0x7f, 0x80, 0x84, 0xa1, 0xc4, 0xff]

/** One to three small changes; `other` lends its bytes. */
export const mutated = (random, update, other) => {
  let bytes = Uint8Array.from(update)
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(bytes.length)
    switch (random.below(7)) {
      case 0: bytes[at] ^= 1 << random.below(8); break
      case 1: bytes[at] = random.pick(interesting); break
      case 2: bytes[at] = bytes[at] + (random.chance(0.5) ? 1 : 255); break
      case 3: bytes = splice(bytes, at, 1); break
      case 4: bytes = splice(bytes, at, 0, [random.below(256)]); break
      case 5: {
        const from = random.below(other.length)
        bytes = splice(bytes, at, random.below(8), other.subarray(from, from + random.below(12)))
        break
      }
      default: bytes = bytes.slice(0, Math.max(1, at))
    }
    if (bytes.length === 0) return Uint8Array.of(0)
  }
  return bytes
}
