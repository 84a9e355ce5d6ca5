import {
  isDataUri,
  type NodeMetadata,
  parseNodeMetadata,
  textOfDataUri,
} from '@mooring/onchain/node-metadata'
import { type GotText, getText } from '@mooring/outbound/get-text'
import { findTarget, type Resolve } from '@mooring/outbound/target'
import type { MarketSettings } from '../config-market.ts'
import { rulesOf } from './reach.ts'

export type Document = { ok: true; metadata: NodeMetadata } | { ok: false; problem: string }

export type DocumentContext = {
  settings: Pick<MarketSettings, 'allowPrivateAddresses' | 'metadata'>
  signal: AbortSignal
  resolve?: Resolve | undefined
}

/** A provider's document may have many things wrong with it; an event tells of them in a line. */
const problemLengthMax = 300

/** Reads what a provider says of its nodes, out of the URI itself or from where that leads. Never rejects. */
export async function readDocument(uri: string, context: DocumentContext): Promise<Document> {
  if (uri === '') return no('it has no metadata URI on chain, and its provider has none')
  const got = await textAt(uri, context)
  if (!got.ok) return no(`its document: ${got.problem}`)
  try {
    return { ok: true, metadata: parseNodeMetadata(got.text) }
  } catch (error) {
    // What the parser of JSON says repeats the text.
    const isSyntax = error instanceof SyntaxError || !(error instanceof Error)
    return no(`its document: ${isSyntax ? 'it is no JSON' : error.message}`)
  }
}

async function textAt(
  uri: string,
  { settings, signal, resolve }: DocumentContext,
): Promise<GotText> {
  if (isDataUri(uri)) {
    const text = textOfDataUri(uri)
    return text === undefined
      ? { ok: false, problem: 'it is no data:application/json URI' }
      : { ok: true, text }
  }
  const found = await findTarget(uri, rulesOf(settings, resolve))
  if (!found.ok) return found
  const { bytesMax, timeoutMs } = settings.metadata
  return await getText(found.target, { bytesMax, timeoutMs, signal })
}

function no(problem: string): Document {
  return { ok: false, problem: problem.slice(0, problemLengthMax) }
}
