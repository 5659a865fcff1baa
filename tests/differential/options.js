// --seed (a number, or `random`) and --updates on the command line; under `node --test`, STUDIUM_SEED and
// STUDIUM_UPDATES. The same seed by default: a commit must not fail for what another one did.
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: process.env.STUDIUM_SEED ?? '1' },
    updates: { type: 'string', default: process.env.STUDIUM_UPDATES ?? '6000' }
  }
})

export const seed = values.seed === 'random' ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
export const updates = Number(values.updates)
console.log(`to repeat: node ${process.argv[1]} --seed ${seed} --updates ${updates}`)
