import { parseArgs } from 'node:util'
import { losing, open } from '@mooring/market/simulation/strategies'
import { reasonsOf, rowsOf, tableOf, termsOf } from './table.ts'

const usage = `npm run simulate                  what cheating earns, in ANKR over three epochs, against honest work
npm run simulate -- --seeds 50    the means over fifty networks instead of three
npm run simulate -- --json        one object { losing, open }`

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const count = Number(options.seeds)
if (options.help || !Number.isInteger(count) || count < 1 || count > 1_000) {
  process.stdout.write(`${usage}\n`)
  process.exit(options.help ? 0 : 2)
}
const terms = termsOf(count)
const tables = { losing: rowsOf(losing, terms), open: rowsOf(open, terms) }
const text = [
  ...[tableOf(tables.losing), reasonsOf(losing)],
  'What the payout alone does not make lose:',
  ...[tableOf(tables.open), reasonsOf(open)],
].join('\n\n')
process.stdout.write(`${options.json ? JSON.stringify(tables) : text}\n`)
const winning = tables.losing.filter(({ honest, cheat }) => cheat > honest)
for (const { strategy, how } of winning) process.stderr.write(`gains: ${strategy}, ${how}\n`)
process.exitCode = winning.length > 0 ? 1 : 0
