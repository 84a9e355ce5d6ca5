import { readPart } from '@mooring/onchain/contracts'
import { endpointUrlOf, urlHashOf } from '@mooring/onchain/endpoints'
import {
  formatNodeMetadata,
  metadataUriBytesMax,
  type NodeMetadata,
  parseNodeMetadata,
  type SignedEndpoint,
  toDataUri,
} from '@mooring/onchain/node-metadata'
import { endpointData } from '@mooring/onchain/signed'
import type { Command } from 'commander'
import type { Address } from 'viem'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { parseId } from '../../economy/parsing.ts'
import { readNode } from '../../economy/readings.ts'
import { addSystemOptions, connect, type System, type SystemOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { loadNodeAccount, nodeKeyOptions } from '../../wallet/account.ts'

type EndpointOptions = SystemOptions & {
  url: string
  agent?: true
  community?: true
  document?: string
  beside?: true
  dataUri?: true
  name?: string
  website?: string
  contact?: string
}

/** What gateways read to find a node: sends nothing, and prints what has to be published. */
export function addNodeEndpointCommand(parent: Command, context: Context): void {
  const added = addCommand(parent, {
    name: 'endpoint',
    summary: 'write the document that tells gateways where a node is',
    description:
      "Write the document that tells gateways where a node is, signed by the node's key. Sends nothing; publish it at the\nmetadata URI of the node or its provider.",
    arguments: { '<node>': 'number of the node' },
    required: {
      '--url <url>':
        'where it takes requests; {chain} in it stands for the name of the chain asked',
    },
    options: {
      '--agent': 'its agent stands before it: it signs what it serves, and earns',
      '--community': 'it serves requests that nobody pays for, too',
      '--document <file>': 'a document to add it to, such as one of several nodes',
      '--beside': 'keep what that says of this node already, while its key or its URL changes',
      '--data-uri': 'print it as a URI of its own, for --metadata of `npx mooring node profile`',
      '--name <text>': "the provider's name",
      '--website <url>': "the provider's website",
      '--contact <text>': 'how the provider is reached',
      ...nodeKeyOptions,
    },
    examples: [
      'npx mooring node endpoint 1 --url https://node.example --agent --node-keystore node.json > nodes.json',
      'npx mooring node endpoint 1 --url https://node.example --node-keystore node.json --data-uri',
    ],
  })
  addSystemOptions(added).action((node: string, options: EndpointOptions) =>
    write(context, node, options),
  )
}

async function write(context: Context, node: string, options: EndpointOptions): Promise<void> {
  const nodeId = parseId(node, 'node')
  const url = parseUrl(options.url)
  const before = readDocument(context, options)
  const key = await loadNodeAccount(context, options)
  const system = await connect(context, options)
  await warn(context, system, { nodeId, url, signer: key.address })
  const { agent = false, community = false } = options
  const said = { nodeId, url, agent, community }
  const signature = await key.signTypedData(endpointData(system.deployment, said))
  const metadata = withEndpoint(before, { ...said, signature }, options)
  const document = formatNodeMetadata(metadata)
  context.stdout.write(`${options.dataUri ? dataUriOf(document) : document}\n`)
}

function parseUrl(text: string): string {
  const url = endpointUrlOf(text)
  if (url !== undefined && /^https?:/.test(url)) return url
  const problem = '--url is no https:// URL: write one such as https://node.example.'
  throw new CommandError('badInput', problem)
}

function readDocument(context: Context, { document }: EndpointOptions): NodeMetadata {
  if (document === undefined) return { mooring: 1, endpoints: [] }
  const { file, text } = readInput(context, document)
  try {
    return parseNodeMetadata(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} is no document of nodes: ${reason}.`, { cause })
  }
}

/** It may be written before the chain is told, so that what differs is said and not refused. */
async function warn(
  context: Context,
  system: System,
  { nodeId, url, signer }: { nodeId: bigint; url: string; signer: Address },
): Promise<void> {
  const { signingKey } = await readNode(system, nodeId)
  const { urlHash } = await readPart(system, 'registry', 'profileOf', [nodeId])
  if (signingKey !== signer) {
    context.stderr.write(
      `The key of node ${nodeId} on chain is ${signingKey}, and this is signed by ${signer}: it counts once\n` +
        '`npx mooring node rotate-key` has made that its key.\n',
    )
  }
  if (urlHash !== urlHashOf(url)) {
    context.stderr.write(
      `Node ${nodeId} has another URL on chain than ${url}: this counts once \`npx mooring node profile\`\nhas named it.\n`,
    )
  }
}

function withEndpoint(
  { endpoints, ...said }: NodeMetadata,
  endpoint: SignedEndpoint,
  { beside, name, website, contact }: EndpointOptions,
): NodeMetadata {
  const kept = endpoints.filter(({ nodeId, url, signature }) => {
    if (nodeId !== endpoint.nodeId) return true
    return beside === true && (url !== endpoint.url || signature !== endpoint.signature)
  })
  return {
    ...said,
    ...(name === undefined ? {} : { name }),
    ...(website === undefined ? {} : { website }),
    ...(contact === undefined ? {} : { contact }),
    endpoints: [...kept, endpoint],
  }
}

function dataUriOf(document: string): string {
  const uri = toDataUri(document)
  if (uri.length <= metadataUriBytesMax) return uri
  throw new CommandError(
    'badInput',
    `The document is ${uri.length} bytes as a URI, and the chain takes ${metadataUriBytesMax}: leave something out, or publish it at an https:// URL.`,
  )
}
