import { callPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { zeroAddress } from 'viem'
import type { Context } from '../../context.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress, parseId } from '../../economy/parsing.ts'
import { readProvider } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'

export function addOwnershipCommands(parent: Command, context: Context): void {
  addSigningCommand(parent, context, {
    name: 'offer',
    summary: 'offer the provider to another owner',
    description:
      'Offer the provider, its own stake with it, to another account, which has to accept. Without --to the offer is taken back.',
    arguments: { '<provider>': 'number of the provider' },
    options: { '--to <address>': 'the account it is offered to' },
    examples: [
      'npx mooring provider offer 1 --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      'npx mooring provider offer 1',
    ],
    intend: intendOffer,
  })
  addSigningCommand(parent, context, {
    name: 'accept',
    summary: 'accept a provider that was offered to you',
    description:
      'Accept a provider that was offered to the account that signs. Operators of the former owner lapse.',
    arguments: { '<provider>': 'number of the provider' },
    examples: ['npx mooring provider accept 1 --dry-run'],
    intend: intendAccept,
  })
}

async function intendOffer({ system }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const { pendingOwner } = await readProvider(system, providerId)
  const text = optionOf(given, 'to')
  if (text === undefined && pendingOwner === zeroAddress) {
    throw new CommandError('badInput', `Provider ${providerId} is offered to nobody: say --to.`)
  }
  const to = text === undefined ? zeroAddress : parseAddress(text, 'new owner')
  const call = callPart(system, 'registry', 'offerOwnership', [providerId, to])
  return {
    what:
      text === undefined
        ? `Take the offer of provider ${providerId} to ${pendingOwner} back`
        : `Offer provider ${providerId} to ${to}`,
    facts: [
      ['with it go', 'its own stake, also what is unbonding, and the right to name its receiver'],
      ['offered now', pendingOwner === zeroAddress ? 'to nobody' : `to ${pendingOwner}`],
    ],
    steps: [{ ...call, label: text === undefined ? 'take the offer back' : 'offer the provider' }],
  }
}

async function intendAccept({ system }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const { owner, rewardsTo } = await readProvider(system, providerId)
  const call = callPart(system, 'registry', 'acceptOwnership', [providerId])
  return {
    what: `Accept provider ${providerId} from ${owner}`,
    facts: [
      ['rewards go to', `${rewardsTo} until you change that`],
      ['operators', 'those of the former owner lapse'],
    ],
    steps: [{ ...call, label: 'accept the provider' }],
  }
}
