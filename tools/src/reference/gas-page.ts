import type { GasFigures } from '../gas/figures.ts'
import { groups, peers } from './gas-words.ts'
import { codeOf, pageOf, tableOf } from './markdown.ts'

/** What transactions cost, beside public figures of others. */
export function gasPage(figures: GasFigures): string {
  const told = new Set(groups.flatMap(({ names }) => names))
  const untold = Object.keys(figures).filter((name) => !told.has(name))
  if (untold.length > 0) throw new Error(`gas-words.ts has no group for ${untold}`)
  return pageOf('Gas', [
    'What a transaction costs its sender: 21,000, the calldata, the call with every account and slot cold, less the refund. Measured by the tests in `contracts/test/gas` with solc 0.8.37, optimizer at 200 runs, on the rules of Cancun; they fail when a figure moves by more than 2 %. `npm run gas` measures anew and writes `contracts/test/gas/gas.json`, `npm run reference` this page.',
    'Somebody has staked behind the provider before, wallets are not emptied, and a batch of charges is the second one of its accounts: the common cases. Proofs are as deep as those of 16,384 accounts and 1,024 providers. Two of three signers sign.',
    ...groups.flatMap(({ title, names }) => [
      `## ${title}`,
      tableOf(
        ['Transaction', 'Gas'],
        names.map((name) => [name, figureOf(figures, name)]),
      ),
    ]),
    '## Beside others',
    'Figures of others are as their sources give them. They were measured under other rules of the chain and for contracts that promise other things, so they show the order of magnitude and no more.',
    tableOf(
      ['What', 'Here', 'There', 'Whose, and where it stands'],
      peers.map(({ what, ours, theirs, source }) => [
        what,
        ours.map((name) => `${figureOf(figures, name)} (${name})`).join(', '),
        theirs,
        source,
      ]),
    ),
    `Where this costs more it is for a reason. ${codeOf('unstake')} writes a request with a date of its own, which stays slashable and can be taken back, and the history of stake by which payouts and votes are weighed. ${codeOf('push')} pays commission, own stake and the stream of all delegators at once, however many they are.`,
  ])
}

function figureOf(figures: GasFigures, name: string): string {
  const gas = figures[name]
  if (gas === undefined) throw new Error(`gas.json has no figure for ${name}`)
  return gas.toLocaleString('en-US')
}
