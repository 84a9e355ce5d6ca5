import { earnedTree } from '@mooring/market/settlement/epoch-trees'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { parseId } from '../../economy/parsing.ts'
import { withoutBigints } from '../../economy/reading-command.ts'
import { type LoadedEpoch, loadEpoch } from '../../epochs/load-epoch.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'

export function addPayoutsCommand(epoch: Command, context: Context): void {
  addCommand(epoch, {
    name: 'payouts',
    summary: 'make the payouts of an epoch with their proofs, as `mooring post payouts` takes them',
    description:
      'Make the payouts of a closed epoch with the proofs that the contract asks for. Whoever has the data can pay by it: write it to a file and bring it with `mooring post payouts`. Always JSON.',
    arguments: { '<file>': 'the file that verifiers published, or its http:// or https:// URL' },
    options: { '--provider <number>': 'only this one' },
    examples: [
      'npx mooring epoch payouts epoch-12.json > payouts-12.json',
      'npx mooring epoch payouts epoch-12.json --provider 1 > payouts-12.json',
    ],
  })
    .option('--json', 'print one JSON object, as always')
    .action(async (source: string, options: { provider?: string }) => {
      const { provider } = options
      const only = provider === undefined ? undefined : parseId(provider, 'provider')
      const payouts = payoutsOf(await loadEpoch(context, source), only)
      if (payouts.length === 0) {
        const who = only === undefined ? 'nobody' : `not provider ${only}`
        throw new CommandError('badInput', `This epoch pays ${who}.`)
      }
      writeJson(context, withoutBigints({ payouts }))
    })
}

function payoutsOf({ file, settlement, keccak }: LoadedEpoch, only: bigint | undefined) {
  const tree = earnedTree(settlement.payouts, keccak)
  return settlement.payouts.flatMap(({ providerId, cumulative }, at) => {
    const isWanted = only === undefined || providerId === only
    // What nobody has earned cannot be pushed.
    if (tree === undefined || !isWanted || cumulative === 0n) return []
    return { providerId, epoch: file.data.epoch.number, cumulative, proof: tree.proofOf(at) }
  })
}
