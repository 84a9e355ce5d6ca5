import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatDate, formatPpm, parsePercent } from '../../economy/amounts.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress, parseId } from '../../economy/parsing.ts'
import { readEpoch, readParam, readProvider } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'

const provider = { '<provider>': 'number of the provider' }

export function addProviderChangeCommands(parent: Command, context: Context): void {
  addSigningCommand(parent, context, {
    name: 'commission',
    summary: 'announce another commission',
    description:
      'Announce another commission. A cut takes effect with the next epoch, a rise after its notice.',
    arguments: { ...provider, '<percent>': 'e.g. 12%' },
    examples: ['npx mooring provider commission 1 12% --dry-run'],
    intend: intendCommission,
  })
  addSigningCommand(parent, context, {
    name: 'rewards-to',
    summary: 'send what the provider earns elsewhere',
    description: 'Send what the provider earns to another address; for its owner.',
    arguments: { ...provider, '<address>': 'who receives it from now on' },
    examples: ['npx mooring provider rewards-to 1 0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
    intend: intendRewardsTo,
  })
  addSigningCommand(parent, context, {
    name: 'metadata',
    summary: 'say where the provider describes itself',
    description: 'Say where the provider describes itself; for its owner or an operator.',
    arguments: { ...provider, '<uri>': 'an address of its own page or file' },
    examples: ['npx mooring provider metadata 1 https://provider.example/about.json'],
    intend: intendMetadata,
  })
  addSigningCommand(parent, context, {
    name: 'operator',
    summary: "let an account manage the provider's nodes, or no longer",
    description:
      "Let an account manage the provider's nodes and their keys, or no longer. It never touches stake or rewards.",
    arguments: { ...provider, '<address>': 'the account', '<allowed>': 'yes or no' },
    examples: ['npx mooring provider operator 1 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 yes'],
    intend: intendOperator,
  })
}

async function intendCommission({ system, nowSeconds }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const wanted = parsePercent(argumentAt(given, 1))
  await readProvider(system, providerId)
  const [epoch, notice] = await Promise.all([
    readEpoch(system),
    readParam(system, 'CommissionNoticeEpochs'),
  ])
  const [[current], most] = await Promise.all([
    readPart(system, 'registry', 'lastCommissionOf', [providerId]),
    readParam(system, 'CommissionRiseMaxPpm'),
  ])
  // A rise waits until so many whole epochs have passed; a cut helps delegators and need not.
  const from = epoch + (wanted > current ? notice + 1n : 1n)
  const start = await readPart(system, 'params', 'epochStart', [from])
  const call = callPart(system, 'registry', 'announceCommission', [providerId, wanted])
  return {
    what: `Announce a commission of ${formatPpm(wanted)} for provider ${providerId}`,
    facts: [
      ['commission now', formatPpm(current)],
      ['takes effect', `with epoch ${from}, ${formatDate(start, nowSeconds)}`],
      ['a rise', `at most by ${formatPpm(most).replace(' %', ' points')} at a time, one at a time`],
    ],
    steps: [{ ...call, label: `announce ${formatPpm(wanted)}` }],
  }
}

async function intendRewardsTo({ system }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const to = parseAddress(argumentAt(given, 1), 'receiver')
  const { rewardsTo } = await readProvider(system, providerId)
  const call = callPart(system, 'registry', 'setRewardsTo', [providerId, to])
  return {
    what: `Send what provider ${providerId} earns to ${to}`,
    facts: [['until now', rewardsTo]],
    steps: [{ ...call, label: 'set the receiver' }],
  }
}

async function intendMetadata({ system }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const uri = argumentAt(given, 1)
  const { metadataUri } = await readProvider(system, providerId)
  const call = callPart(system, 'registry', 'setMetadata', [providerId, uri])
  return {
    what: `Let provider ${providerId} describe itself at ${uri}`,
    facts: [['until now', metadataUri || 'nowhere']],
    steps: [{ ...call, label: 'set the metadata' }],
  }
}

async function intendOperator({ system }: Signing, given: Given): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const operator = parseAddress(argumentAt(given, 1), 'operator')
  const answer = argumentAt(given, 2)
  if (answer !== 'yes' && answer !== 'no') {
    throw new CommandError('badInput', `${JSON.stringify(answer)} is neither yes nor no.`)
  }
  await readProvider(system, providerId)
  const args = [providerId, operator, answer === 'yes'] as const
  const call = callPart(system, 'registry', 'setOperator', args)
  return {
    what:
      answer === 'yes'
        ? `Let ${operator} manage the nodes of provider ${providerId}`
        : `Let ${operator} no longer manage the nodes of provider ${providerId}`,
    facts: [['it may', 'register, activate, drain and retire nodes and change their keys']],
    steps: [{ ...call, label: answer === 'yes' ? 'allow the operator' : 'remove the operator' }],
  }
}
