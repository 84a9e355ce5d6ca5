import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import type { Context } from '../../context.ts'
import { formatAnkr, formatPpm, parsePercent } from '../../economy/amounts.ts'
import { type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress } from '../../economy/parsing.ts'
import { readParam } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'

export function addRegisterProviderCommand(provider: Command, context: Context): void {
  addSigningCommand(provider, context, {
    name: 'register',
    summary: 'become a provider',
    description: 'Register a provider. The account that signs owns it.',
    required: { '--commission <percent>': "its part of the delegators' earnings, e.g. 10%" },
    options: {
      '--rewards-to <address>': 'who receives what it earns; else the account that signs',
      '--metadata <uri>': 'where it says who it is; may be set later',
    },
    examples: ['npx mooring provider register --commission 10% --dry-run'],
    intend: intendRegister,
  })
}

async function intendRegister({ system, account }: Signing, given: Given): Promise<Intent> {
  const commission = parsePercent(optionOf(given, 'commission') ?? '')
  const rewardsTo = parseAddress(optionOf(given, 'rewardsTo') ?? account, 'receiver')
  const uri = optionOf(given, 'metadata') ?? ''
  const [count, perNode, most] = await Promise.all([
    readPart(system, 'registry', 'providerCount', []),
    readParam(system, 'SelfStakePerNode'),
    readParam(system, 'CommissionMaxPpm'),
  ])
  const owned = await ownedBy(system, account, count)
  const call = callPart(system, 'registry', 'registerProvider', [rewardsTo, commission, uri])
  return {
    what: `Register a provider with a commission of ${formatPpm(commission)}`,
    facts: [
      ...(owned.length === 0 ? [] : [['owned already', `provider ${owned.join(', ')}`] as const]),
      ['number', `${count + 1n}, unless somebody else comes first`],
      ['commission', `at most ${formatPpm(most)}; a rise has to be announced`],
      ['rewards go to', rewardsTo],
      ['then', `stake ${formatAnkr(perNode)} for each node, register nodes, ask for their audit`],
    ],
    steps: [{ ...call, label: 'register the provider' }],
  }
}

async function ownedBy(system: System, account: Address, count: bigint): Promise<bigint[]> {
  const ids = Array.from({ length: Number(count) }, (_, at) => BigInt(at + 1))
  const owners = await Promise.all(ids.map((id) => readPart(system, 'registry', 'ownerOf', [id])))
  return ids.filter((_, at) => owners[at] === account)
}
