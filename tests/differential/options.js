// --seed and --updates on the command line; under `node --test`, STUDIUM_SEED and STUDIUM_UPDATES.
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: process.env.STUDIUM_SEED },
    updates: { type: 'string', default: process.env.STUDIUM_UPDATES ?? '6000' }
  }
})

export const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
export const updates = Number(values.updates)
console.log(`to repeat: node ${process.argv[1]} --seed ${seed} --updates ${updates}`)
