import {
  chargesOfAccount,
  formatInclusionFile,
  performanceOfProvider,
} from '@mooring/market/settlement/inclusion-file'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { parseAddress, parseId } from '../../economy/parsing.ts'
import { withoutBigints } from '../../economy/reading-command.ts'
import { type LoadedEpoch, loadEpoch } from '../../epochs/load-epoch.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'

type ProofOptions = { account?: string; provider?: string }

export function addProofCommand(epoch: Command, context: Context): void {
  addCommand(epoch, {
    name: 'proof',
    summary: 'prove what an account was charged, or what a provider’s nodes did',
    description:
      'Print what an account was charged, or what a provider’s nodes did, with the hashes and sums that lead to the root on chain. `mooring epoch check` recomputes it. Always JSON.',
    arguments: { '<file>': 'the file that verifiers published, or its http:// or https:// URL' },
    options: {
      '--account <address>': 'whose charges',
      '--provider <number>': 'whose nodes',
    },
    examples: [
      'npx mooring epoch proof epoch-12.json --account 0x90F79bf6EB2c4f870365E785982E1f101E93b906',
      'npx mooring epoch proof epoch-12.json --provider 1',
    ],
  })
    .option('--json', 'print one JSON object, as always')
    .action(async (source: string, options: ProofOptions) => {
      const wish = wishOf(options)
      const rows = wish(await loadEpoch(context, source))
      if (rows.charges.length + rows.performance.length === 0) {
        throw new CommandError('badInput', `Epoch ${rows.epoch} has no row of it.`)
      }
      writeJson(context, withoutBigints(formatInclusionFile(rows)))
    })
}

type Wish = (loaded: LoadedEpoch) => ReturnType<typeof chargesOfAccount>

/** Told before a file is read. */
function wishOf({ account, provider }: ProofOptions): Wish {
  if ((account === undefined) === (provider === undefined)) {
    throw new CommandError('badInput', 'Say whose: either --account ADDRESS or --provider NUMBER.')
  }
  if (provider !== undefined) {
    const id = parseId(provider, 'provider')
    return ({ file, keccak }) => performanceOfProvider(file.data, id, keccak)
  }
  // As files have it; lower case leaves it an address.
  const owner = parseAddress(account ?? '', 'account').toLowerCase() as `0x${string}`
  return ({ file, keccak }) => chargesOfAccount(file.data, owner, keccak)
}
