// Well-formed updates of any shape, most of them ones that no editor would write: origins, parents and keys that
// point anywhere. Each client's clock goes on from update to update, as it must for the meaning to be clear.

const varUint = n => {
  const out = []
  while (n >= 128) {
    out.push(128 | n % 128)
    n = Math.floor(n / 128)
  }
  return [...out, n]
}
const string = text => [...varUint(Buffer.byteLength(text)), ...Buffer.from(text)]
const times = (n, make) => Array.from({ length: n }, make).flat()

const anyUnit = random => [...varUint(1 + random.below(3)), ...varUint(random.below(12))]

const content = {
  1: (_, n) => varUint(n),
  2: (_, n) => [...varUint(n), ...times(n, () => string('1'))],
  3: () => [1, 7],
  4: (random, n) => string(n > 1 && random.chance(0.3) ? '😀' + 'x'.repeat(n - 2) : 'y'.repeat(n)),
  5: () => string('{}'),
  6: random => [...string('b'), ...string(random.pick(['true', 'null']))],
  7: random => {
    const kind = random.below(7)
    return [kind, ...(kind === 3 || kind === 5 ? string('p') : [])]
  },
  8: (random, n) => [...varUint(n), ...times(n, () => [125, random.below(60)])],
  9: random => [...string(`g${random.bits()}`), 118, 0]
}

const struct = random => {
  const length = 1 + random.below(4)
  if (random.chance(0.08)) return { bytes: [0, ...varUint(length)], length }
  const ref = 1 + random.below(9)
  const units = [1, 2, 4, 8].includes(ref) ? length : 1
  const info = ref | (random.chance(0.5) ? 0x80 : 0) | (random.chance(0.3) ? 0x40 : 0) | (random.chance(0.3) ? 0x20 : 0)
  const head = [info]
  if (info & 0x80) head.push(...anyUnit(random))
  if (info & 0x40) head.push(...anyUnit(random))
  if (!(info & 0xc0)) {
    head.push(...(random.chance(0.5) ? [1, ...string(random.pick(['t', 'm', 'a', 'x']))] : [0, ...anyUnit(random)]))
    if (info & 0x20) head.push(...string(random.pick(['k', 'l'])))
  }
  return { bytes: [...head, ...content[ref](random, units)], length: units }
}

/** @param {Map<number, number>} clocks next clock per client; goes on only for an update that is kept */
export const shape = (random, clocks) => {
  const next = new Map(clocks)
  const clients = [3, 2, 1].filter(() => random.chance(0.5))
  const out = [...varUint(clients.length)]
  for (const client of clients) {
    const structs = Array.from({ length: 1 + random.below(4) }, () => struct(random))
    out.push(structs.length, client, ...varUint(next.get(client) ?? 0), ...structs.flatMap(s => s.bytes))
    next.set(client, structs.reduce((clock, s) => clock + s.length, next.get(client) ?? 0))
  }
  out.push(...(random.chance(0.6) ? [0] : [1, 1 + random.below(3), 1, random.below(6), 1 + random.below(5)]))
  return { update: Uint8Array.from(out), next }
}
