import type { FailedReply } from '../../family.ts'
import { containsPhrase, type Phrase, parsePhrase } from './error-phrase.ts'
import type { ErrorSignal } from './error-signal.ts'
import {
  codeSignals,
  faultSignals,
  httpLastSignals,
  httpSignals,
  statusSignals,
  textSignals,
} from './error-signals.ts'

/** What one reading of a failed reply shows to the rows. */
type Evidence = {
  status?: number | undefined
  code?: number | undefined
  /** In lower case. */
  text: string
  method: string
  hasData: boolean
}

type PreparedSignal = { signal: ErrorSignal; phrases: readonly Phrase[] | undefined }

/** Codes of answers about the request itself: parse error, unknown method, invalid params. */
const quotingCodes = [-32700, -32602, -32601]
const quotingStatuses = [400, 422]

/** Nodes that quote whole requests or stacks still begin with what went wrong. */
const textCharactersMax = 2_048

const texts = prepareSignals(textSignals)
const https = prepareSignals([...httpSignals, ...statusSignals])
const httpLasts = prepareSignals(httpLastSignals)
const numbers = prepareSignals([...statusSignals, ...codeSignals])

/**
 * The row that decides what a failed reply is, or undefined when none knows it.
 *
 * An HTTP answer without JSON-RPC in it is judged by its status first. For a JSON-RPC error its words
 * come first, then its data's, and numbers alone come last.
 */
export function decidingSignal(reply: FailedReply, method: string): ErrorSignal | undefined {
  if (reply.kind === 'transport') {
    return faultSignals.find(
      (signal) => signal.fault === reply.fault && isOneOf(signal.methods, method),
    )
  }
  if (reply.kind === 'http') {
    const { status } = reply
    const evidence = { status, text: textOf(reply.text), method, hasData: false }
    return (
      firstMatch(https, evidence) ?? firstMatch(texts, evidence) ?? firstMatch(httpLasts, evidence)
    )
  }
  const { status, code, dataJson } = reply
  const hasData = dataJson !== undefined && dataJson !== 'null'
  const evidence = { status, code, text: textOf(reply.message), method, hasData }
  const byMessage = firstMatch(texts, evidence)
  if (byMessage !== undefined) return byMessage
  const byData = dataJson && firstMatch(texts, { ...evidence, text: textOf(unquote(dataJson)) })
  return byData || firstMatch(numbers, evidence)
}

function prepareSignals(signals: readonly ErrorSignal[]): readonly PreparedSignal[] {
  return signals.map((signal) => ({ signal, phrases: signal.phrases?.map(parsePhrase) }))
}

function firstMatch(
  signals: readonly PreparedSignal[],
  evidence: Evidence,
): ErrorSignal | undefined {
  for (const prepared of signals) {
    if (holds(prepared, evidence)) return prepared.signal
  }
  return undefined
}

/** Each condition a row has must hold; conditions it lacks do not matter. */
function holds({ signal, phrases }: PreparedSignal, evidence: Evidence): boolean {
  const { codes, statuses } = signal
  if (codes && !isIn(codes, evidence.code)) return false
  if (statuses && !isIn(statuses, evidence.status)) return false
  if (signal.withoutData && evidence.hasData) return false
  if (signal.unlessQuoting && mayQuote(evidence)) return false
  if (!isOneOf(signal.methods, evidence.method)) return false
  return !phrases || phrases.some((phrase) => containsPhrase(evidence.text, phrase))
}

function mayQuote({ code, status }: Evidence): boolean {
  return code === undefined ? isIn(quotingStatuses, status) : isIn(quotingCodes, code)
}

function isIn(list: readonly number[], value: number | undefined): boolean {
  return value !== undefined && list.includes(value)
}

/** `debug_*` stands for a whole namespace; no list stands for every method. */
function isOneOf(patterns: readonly string[] | undefined, method: string): boolean {
  return (
    patterns?.some((pattern) =>
      pattern.endsWith('*') ? method.startsWith(pattern.slice(0, -1)) : method === pattern,
    ) ?? true
  )
}

function textOf(text: string): string {
  return text.slice(0, textCharactersMax).trim().toLowerCase()
}

/** Data is often a JSON string, which anchored phrases must see without its quotes. */
function unquote(json: string): string {
  return json.startsWith('"') && json.endsWith('"') ? json.slice(1, -1) : json
}
