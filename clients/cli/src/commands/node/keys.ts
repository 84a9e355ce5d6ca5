import { callPart } from '@mooring/onchain/contracts'
import { endpointUrlOf, urlHashOf } from '@mooring/onchain/endpoints'
import { nodeKeyData } from '@mooring/onchain/signed'
import type { Command } from 'commander'
import { stringToHex, toBytes } from 'viem'
import type { Context } from '../../context.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseId } from '../../economy/parsing.ts'
import { readNode, readProvider } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { nodeTypeNumberOf } from '../../economy/status.ts'
import { CommandError } from '../../exit-codes.ts'
import { loadNodeAccount, nodeKeyOptions } from '../../wallet/account.ts'

const profileOptions = {
  required: {
    '--type <type>': 'archive, full or light',
    '--url <url>':
      'where it takes requests; only a hash of it is written down, see `npx mooring node endpoint`',
    '--chains <names>': 'chains it serves, e.g. eth,bsc',
  },
  options: {
    '--region <name>': 'where it stands, e.g. eu-west',
    '--metadata <uri>': 'where more is said of it',
  },
}

export function addNodeKeyCommands(parent: Command, context: Context): void {
  addSigningCommand(parent, context, {
    name: 'register',
    summary: 'register a node of a provider',
    description:
      'Register a node of a provider; for its owner or an operator. The node proves its key by a signature.',
    arguments: { '<provider>': 'number of the provider' },
    required: profileOptions.required,
    options: { ...profileOptions.options, ...nodeKeyOptions },
    examples: [
      'npx mooring node register 1 --type full --url https://node.example --chains eth --node-keystore node.json',
    ],
    intend: (signing, given) => intendRegister(context, signing, given),
  })
  addSigningCommand(parent, context, {
    name: 'profile',
    summary: 'say anew what a node is',
    description: 'Say anew what a node is; for the owner or an operator of its provider.',
    arguments: { '<node>': 'number of the node' },
    ...profileOptions,
    examples: ['npx mooring node profile 1 --type archive --url https://node.example --chains eth'],
    intend: intendProfile,
  })
  addSigningCommand(parent, context, {
    name: 'rotate-key',
    summary: 'give a node another key',
    description:
      'Give a node another key. The old one stays bound to it, and to what was signed with it.',
    arguments: { '<node>': 'number of the node' },
    options: nodeKeyOptions,
    examples: ['npx mooring node rotate-key 1 --node-keystore new.json'],
    intend: (signing, given) => intendRotate(context, signing, given),
  })
}

async function intendRegister(context: Context, signing: Signing, given: Given): Promise<Intent> {
  const { system } = signing
  const providerId = parseId(argumentAt(given, 0), 'provider')
  await readProvider(system, providerId)
  const profile = profileOf(given)
  const key = await loadNodeAccount(context, given.options)
  const statement = { providerId, signingKey: key.address }
  const proof = await key.signTypedData(nodeKeyData(system.deployment, statement))
  const args = [providerId, profile.value, key.address, proof] as const
  const call = callPart(system, 'registry', 'registerNode', args)
  return {
    what: `Register a node of provider ${providerId}`,
    facts: [...profile.facts, ['signing key', key.address]],
    steps: [{ ...call, label: 'register the node' }],
  }
}

async function intendProfile({ system }: Signing, given: Given): Promise<Intent> {
  const nodeId = parseId(argumentAt(given, 0), 'node')
  const { providerId } = await readNode(system, nodeId)
  const profile = profileOf(given)
  const call = callPart(system, 'registry', 'setNodeProfile', [nodeId, profile.value])
  return {
    what: `Say anew what node ${nodeId} of provider ${providerId} is`,
    facts: profile.facts,
    steps: [{ ...call, label: 'set the profile' }],
  }
}

async function intendRotate(context: Context, signing: Signing, given: Given): Promise<Intent> {
  const { system } = signing
  const nodeId = parseId(argumentAt(given, 0), 'node')
  const { providerId, signingKey } = await readNode(system, nodeId)
  const key = await loadNodeAccount(context, given.options)
  const statement = { providerId, signingKey: key.address }
  const proof = await key.signTypedData(nodeKeyData(system.deployment, statement))
  const call = callPart(system, 'registry', 'rotateNodeKey', [nodeId, key.address, proof])
  return {
    what: `Give node ${nodeId} of provider ${providerId} another key`,
    facts: [
      ['old key', `${signingKey}; what it signed stays the node's`],
      ['new key', key.address],
    ],
    steps: [{ ...call, label: 'change the key' }],
  }
}

function profileOf(given: Given) {
  const typeName = optionOf(given, 'type') ?? ''
  const nodeType = nodeTypeNumberOf(typeName)
  if (nodeType === undefined) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(typeName)} is no type of a node: it is archive, full or light.`,
    )
  }
  const url = endpointUrlOf(optionOf(given, 'url') ?? '')
  if (url === undefined) {
    throw new CommandError('badInput', '--url is no URL: write one such as https://node.example.')
  }
  const names = (optionOf(given, 'chains') ?? '').split(',').map((name) => name.trim())
  const urlHash = urlHashOf(url)
  const value = {
    nodeType,
    urlHash,
    region: shortText(optionOf(given, 'region') ?? 'unsaid', '--region'),
    chains: names.map((name) => shortText(name, '--chains')),
    metadataUri: optionOf(given, 'metadata') ?? '',
  }
  const facts = [
    ['type', typeName],
    ['chains', names.join(', ')],
    ['URL hash', `${urlHash} (of ${url})`],
  ] as const
  return { value, facts }
}

/** Text of up to 31 bytes, as the chain keeps it. */
function shortText(text: string, option: string) {
  const bytes = toBytes(text).length
  if (bytes >= 1 && bytes <= 31) return stringToHex(text, { size: 32 })
  throw new CommandError(
    'badInput',
    `${option} ${JSON.stringify(text)}: a name is 1 to 31 bytes, and this is ${bytes}.`,
  )
}
