import type { DeadlineClass, FailedReply, TransportFault } from '../../family.ts'
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
import { executionTexts } from './error-texts-requests.ts'
import { errorClasses } from './errors.ts'
import { policyOf } from './methods.ts'

/** What one reading of a failed reply shows to the rows. */
type Evidence = {
  status?: number | undefined
  code?: number | undefined
  /** In lower case. */
  text: string
  method: string
  deadline: DeadlineClass
  hasData: boolean
  /** The words may quote the caller's params. */
  mayQuote: boolean
  /** The words may be the caller's, quoted or spoken by code of his that ran. */
  mayBeCallers: boolean
}

type Reply<Kind extends FailedReply['kind']> = Extract<FailedReply, { kind: Kind }>

type PreparedSignal = {
  signal: ErrorSignal
  phrases: readonly Phrase[] | undefined
  isHarmful: boolean
}

/** Codes of answers about the request itself: parse error, unknown method, invalid params. */
const quotingCodes = [-32700, -32602, -32601]
const quotingStatuses = [400, 422]
/** Statuses of a front that refuses the gateway before any code runs. */
const refusalStatuses = [401, 402, 403, 429]

/** Nodes that quote whole requests or stacks still begin with what went wrong. */
const textCharactersMax = 2_048

const texts = prepareSignals(textSignals)
const executions = prepareSignals(executionTexts)
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
  switch (reply.kind) {
    case 'transport':
      return signalOfFault(reply.fault, method)
    case 'http':
      return signalOfHttp(reply, method)
    case 'error':
      return signalOfError(reply, method)
  }
}

function signalOfFault(fault: TransportFault, method: string): ErrorSignal | undefined {
  const { deadline } = policyOf(method)
  return faultSignals.find(
    (signal) => signal.fault === fault && (signal.deadlines?.includes(deadline) ?? true),
  )
}

function signalOfHttp({ status, text }: Reply<'http'>, method: string): ErrorSignal | undefined {
  const { deadline } = policyOf(method)
  const mayQuote = isIn(quotingStatuses, status)
  const words = { text: textOf(text), hasData: false, mayQuote, mayBeCallers: mayQuote }
  const evidence = { status, method, deadline, ...words }
  return (
    firstMatch(https, evidence) ?? firstMatch(texts, evidence) ?? firstMatch(httpLasts, evidence)
  )
}

function signalOfError(reply: Reply<'error'>, method: string): ErrorSignal | undefined {
  const { status, code, message, dataJson } = reply
  const { deadline, runsCode } = policyOf(method)
  const mayQuote = isIn(quotingCodes, code)
  const mayBeCallers = mayQuote || (runsCode && !isIn(refusalStatuses, status))
  const hasData = dataJson !== undefined && dataJson !== 'null'
  const text = textOf(message)
  const evidence = { status, code, text, method, deadline, hasData, mayQuote, mayBeCallers }
  // What a tracer threw is known by how the text ends, and the end of so long a one is not read.
  const rowsFor = (words: string) =>
    deadline === 'trace' && words.length > textCharactersMax ? executions : texts
  const byMessage = firstMatch(rowsFor(message), evidence)
  if (byMessage !== undefined) return byMessage
  const byData =
    dataJson && firstMatch(rowsFor(dataJson), { ...evidence, text: textOf(unquote(dataJson)) })
  return byData || firstMatch(numbers, evidence)
}

function prepareSignals(signals: readonly ErrorSignal[]): readonly PreparedSignal[] {
  return signals.map((signal) => ({
    signal,
    phrases: signal.phrases?.map(parsePhrase),
    isHarmful: isHarmful(signal),
  }))
}

/**
 * Whether a row takes a node, or one of its methods, out of selection by words alone. Such words count
 * only where the caller cannot have written them: else he could stop any node by an address such as
 * "invalid api key" or a tracer that throws "too many requests".
 */
function isHarmful({ class: name, codes, statuses, phrases }: ErrorSignal): boolean {
  if (phrases === undefined || codes !== undefined || statuses !== undefined) return false
  const { learn, score } = errorClasses[name]
  if (learn === 'methodUnsupported') return !phrases.every((phrase) => phrase.startsWith('^'))
  return score === 'major' || learn === 'throttled' || learn === 'refused'
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
function holds({ signal, phrases, isHarmful }: PreparedSignal, evidence: Evidence): boolean {
  const { codes, statuses } = signal
  if (codes && !isIn(codes, evidence.code)) return false
  if (statuses && !isIn(statuses, evidence.status)) return false
  if (signal.withoutData && evidence.hasData) return false
  if (isHarmful && evidence.mayBeCallers) return false
  if (signal.unlessQuoting && evidence.mayQuote) return false
  if (signal.deadlines && !signal.deadlines.includes(evidence.deadline)) return false
  if (!isOneOf(signal.methods, evidence.method)) return false
  return !phrases || phrases.some((phrase) => containsPhrase(evidence.text, phrase))
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
