import { z } from 'zod'
import { parseWith, signature, uint64 } from './file-fields.ts'

/**
 * What a provider says of itself and its nodes, at the `metadataUri` that the chain names. Members that are not known
 * are passed over: others may add theirs.
 */

/** As many as the URI of a node may have bytes on chain. */
export const metadataUriBytesMax = 512
const urlLengthMax = 2_048
const textLengthMax = 200
const endpointsMax = 1_024

const text = z.string().max(textLengthMax, `is longer than ${textLengthMax} characters`)

const endpoint = z.object({
  nodeId: uint64,
  url: z.string().max(urlLengthMax, `is longer than ${urlLengthMax} characters`),
  /** Whether the node's agent stands before it: then it signs what it serves, and is paid for it. */
  agent: z.boolean().default(false),
  /** Whether it serves requests that nobody pays for. */
  community: z.boolean().default(false),
  signature,
})

const schema = z.object({
  /** Of this form. */
  mooring: z.literal(1, 'is no version that is known: it is 1'),
  name: text.optional(),
  website: text.optional(),
  contact: text.optional(),
  endpoints: z.array(endpoint).max(endpointsMax, `are more than ${endpointsMax}`).default([]),
})

/** Where a node takes requests and how, signed by its key as `Endpoint`. */
export type SignedEndpoint = z.output<typeof endpoint>
export type NodeMetadata = z.output<typeof schema>

/** @param text - JSON. @throws With every problem at once. */
export function parseNodeMetadata(text: string): NodeMetadata {
  return parseWith(schema, JSON.parse(text))
}

export function formatNodeMetadata({ endpoints, ...said }: NodeMetadata): string {
  // What is not so is left out: the chain takes few bytes.
  const written = endpoints.map(({ nodeId, url, agent, community, signature }) => ({
    ...{ nodeId: String(nodeId), url },
    ...(agent ? { agent } : {}),
    ...(community ? { community } : {}),
    signature,
  }))
  return JSON.stringify({ ...said, endpoints: written })
}

/** The document as a URI of its own, for the chain itself to keep; may be longer than the chain takes. */
export function toDataUri(document: string): string {
  return `data:application/json;base64,${Buffer.from(document).toString('base64')}`
}

/** Whether it may hold a document itself. */
export function isDataUri(uri: string): boolean {
  return /^data:/i.test(uri)
}

/** @returns Undefined for what is no such URI. */
export function textOfDataUri(uri: string): string | undefined {
  const parts = /^data:application\/json((?:;[\w-]+=[\w-]+)*)(;base64)?,(.*)$/s.exec(uri)
  if (parts === null) return undefined
  const [, , base64, body = ''] = parts
  try {
    return base64 === undefined
      ? decodeURIComponent(body)
      : Buffer.from(decodeURIComponent(body), 'base64').toString('utf8')
  } catch {
    return undefined
  }
}
