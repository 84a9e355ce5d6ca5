import { families } from '@mooring/chains/families'
import { isAdvanced } from '@mooring/market/pricing/price-table'
import { CommandError } from '../exit-codes.ts'
import { isRecord } from '../http.ts'

/** What a text was taken for. */
export type CallSource = 'json' | 'jsonLines' | 'har' | 'text'

export type RecordedCalls = {
  source: CallSource
  /** Calls by method. */
  counts: ReadonlyMap<string, number>
  /** Entries of a HAR that hold no JSON-RPC: pages, images, answers of other services. */
  skipped: number
}

const charsMax = 64 * 1024 * 1024

/**
 * Finds the calls in a text: a JSON-RPC request or a batch, one of them a line, a HAR, and else names of methods in
 * quotes, each of which counts as one call.
 *
 * @param name - The file as messages call it.
 */
export function recordedCallsIn(text: string, name: string): RecordedCalls {
  if (text.length > charsMax) {
    const found = `${text.length} characters; at most ${charsMax} are read at once`
    throw new CommandError('badInput', `${name} has ${found}. Split it.`)
  }
  if (text.trim() === '') throw new CommandError('badInput', `${name} is empty.`)
  const found = callsIn(text, name)
  if (found.counts.size > 0) return found
  throw new CommandError('badInput', `${name} holds no calls: ${wantedWords[found.source]}.`)
}

const wantedWords: Readonly<Record<CallSource, string>> = {
  json: 'its batch is empty',
  jsonLines: 'its batches are empty',
  har: 'no entry has a JSON-RPC request as its posted text',
  text: 'it is no JSON, and no name of a method such as "eth_call" stands in quotes in it. Functions of a library, such as getBalance(), are not known here: record the requests they send',
}

function callsIn(text: string, name: string): RecordedCalls {
  const whole = jsonOf(text)
  if (whole !== undefined) {
    if (isHar(whole)) return callsOfHar(whole)
    const calls = callsOf(whole)
    if (calls === undefined) {
      throw new CommandError(
        'badInput',
        `${name} is JSON, but no JSON-RPC request (an object with a text as its \`method\`), no batch of them and no HAR.`,
      )
    }
    return { source: 'json', counts: countsOf(calls), skipped: 0 }
  }
  if (/^\s*[[{]/.test(text)) return callsOfLines(text, name)
  return { source: 'text', counts: countsOf(methodsNamedIn(text)), skipped: 0 }
}

function callsOfLines(text: string, name: string): RecordedCalls {
  const methods: string[] = []
  for (const [place, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const value = jsonOf(line)
    const calls = value === undefined ? undefined : callsOf(value)
    if (calls === undefined) {
      const problem = value === undefined ? 'no JSON' : 'no JSON-RPC request and no batch'
      throw new CommandError(
        'badInput',
        `${name} begins as JSON does, and line ${place + 1} is ${problem}. Give one request, one batch, a HAR, or one request or batch a line.`,
      )
    }
    for (const call of calls) methods.push(call)
  }
  return { source: 'jsonLines', counts: countsOf(methods), skipped: 0 }
}

type Har = { log: { entries: readonly unknown[] } }

function isHar(value: unknown): value is Har {
  return isRecord(value) && isRecord(value.log) && Array.isArray(value.log.entries)
}

function callsOfHar({ log }: Har): RecordedCalls {
  const methods: string[] = []
  let skipped = 0
  for (const entry of log.entries) {
    const posted = postedText(entry)
    const calls = posted === undefined ? undefined : callsOf(jsonOf(posted))
    if (calls === undefined) skipped++
    for (const call of calls ?? []) methods.push(call)
  }
  return { source: 'har', counts: countsOf(methods), skipped }
}

function postedText(entry: unknown): string | undefined {
  const request = isRecord(entry) ? entry.request : undefined
  const posted = isRecord(request) ? request.postData : undefined
  return isRecord(posted) && typeof posted.text === 'string' ? posted.text : undefined
}

/** The methods of a request or a batch; undefined for anything else. */
function callsOf(value: unknown): string[] | undefined {
  const requests: unknown[] = Array.isArray(value) ? value : [value]
  const methods = requests.map((request) => (isRecord(request) ? request.method : undefined))
  return methods.every((method) => typeof method === 'string') ? methods : undefined
}

/** A name between two quotes of one kind, which may be escaped as in a string that holds JSON. */
const quotedName = /(\\?["'`])([A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+)\1/g

function methodsNamedIn(text: string): string[] {
  return [...text.matchAll(quotedName)].map(([, , name = '']) => name).filter(isMethod)
}

function isMethod(name: string): boolean {
  return isAdvanced(name) || Object.values(families).some((family) => family.policyOf(name).known)
}

function countsOf(methods: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const method of methods) counts.set(method, (counts.get(method) ?? 0) + 1)
  return counts
}

/** Undefined where it is none; no text is the JSON of undefined. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
