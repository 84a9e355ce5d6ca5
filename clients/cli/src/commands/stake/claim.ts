import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAnkr, leastShares } from '../../economy/amounts.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress, parseId } from '../../economy/parsing.ts'
import { readProvider, stakeKinds } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'

export function addClaimCommand(program: Command, context: Context): void {
  addSigningCommand(program, context, {
    name: 'claim',
    summary: 'take the rewards of a delegation, or stake them',
    description: 'Take what a delegation has earned since the last time, or stake it right away.',
    arguments: { '<provider>': 'number of the provider' },
    options: {
      '--to <address>': 'who receives it; else the account that signs',
      '--restake': 'delegate it to the same provider instead',
    },
    examples: ['npx mooring claim 1', 'npx mooring claim 1 --restake --dry-run'],
    intend: intendClaim,
  })
}

async function intendClaim({ system, account }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  await readProvider(system, providerId)
  const earned = await readPart(system, 'pool', 'earned', [providerId, account])
  if (earned === 0n) {
    throw new CommandError(
      'badInput',
      `${account} has earned nothing with provider ${providerId} since the last claim.`,
    )
  }
  const printed = formatAnkr(earned)
  const fact = ['earned', `${printed}, and what streams until the transaction is in`] as const
  const to = optionOf(given, 'to')
  if (given.options.restake === true) {
    if (to !== undefined) throw new CommandError('badInput', 'Give either --restake or --to.')
    const bucket = await readPart(system, 'pool', 'bucketOf', [providerId, stakeKinds.delegated])
    const shares = bucket.active === 0n ? earned : (earned * bucket.shares) / bucket.active
    const args = [providerId, leastShares(shares)] as const
    const call = callPart(system, 'pool', 'claimAndRestake', args)
    return {
      what: `Delegate the ${printed} earned with provider ${providerId} to it`,
      facts: [fact],
      steps: [{ ...call, label: `claim and delegate ${printed}` }],
    }
  }
  const receiver = parseAddress(to ?? account, 'receiver')
  const call = callPart(system, 'pool', 'claim', [providerId, receiver])
  return {
    what: `Claim ${printed} earned with provider ${providerId}`,
    facts: [fact, ['paid to', receiver]],
    steps: [{ ...call, label: `claim ${printed}` }],
  }
}
