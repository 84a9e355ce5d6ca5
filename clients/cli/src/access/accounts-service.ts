import { accountProblems } from '@mooring/protocol/access/account-problems'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { exchange, isRecord, parseJson } from '../http.ts'

const timeoutMs = 15_000
const detailCharsMax = 300

export type AccountsRequest = {
  /** Origin of the service. */
  accounts: string
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: object
  /** What is borne. */
  token?: string
}

/** Asks the accounts service. Throws with what it said when it refuses. @returns The body; empty for none. */
export async function askAccounts(
  context: Context,
  { accounts, method, path, body, token }: AccountsRequest,
): Promise<Record<string, unknown>> {
  const reply = await exchange(context, `${accounts}${path}`, {
    timeoutMs,
    init: {
      method,
      // Whoever sends somewhere else would have what is borne taken there.
      redirect: 'error',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  })
  if (!reply.ok) {
    throw new CommandError(
      'unreachable',
      `No accounts service answers at ${accounts}: ${reply.detail}. That is where you named it or signed in; \`npx mooring login\` signs in at the one that runs now.`,
    )
  }
  const value = parseJson(plain(reply.text))
  if (reply.status < 300) return isRecord(value) ? value : {}
  throw refusalOf(accounts, reply.status, value)
}

/** @param value - What it said, if that was JSON. */
export function refusalOf(accounts: string, status: number, value: unknown): CommandError {
  const { code, detail } = isRecord(value) ? value : {}
  if (typeof code !== 'string' || !Object.hasOwn(accountProblems, code)) {
    return new CommandError(
      'unexpected',
      `What answers at ${accounts} is no accounts service (HTTP ${status}).`,
    )
  }
  // Somebody else's words on a terminal.
  const words = String(detail).replaceAll(/\p{C}/gu, ' ').slice(0, detailCharsMax)
  const wayOn = code === 'NOT_SIGNED_IN' ? ' `npx mooring login` signs in.' : ''
  return new CommandError('refused', `The accounts service refused: ${words} (${code}).${wayOn}`)
}

/** A query of what was given. */
export function queryOf(given: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) query.set(name, value)
  }
  return query
}

/** A text in an answer. */
export function textIn(answer: Record<string, unknown>, name: string): string {
  const value = answer[name]
  if (typeof value === 'string') return value
  throw notUnderstood(name)
}

export function numberIn(answer: Record<string, unknown>, name: string): number {
  const value = answer[name]
  if (typeof value === 'number') return value
  throw notUnderstood(name)
}

export function recordIn(answer: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = answer[name]
  if (isRecord(value)) return value
  throw notUnderstood(name)
}

export function listIn(answer: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const value = answer[name]
  if (Array.isArray(value)) return value.filter(isRecord)
  throw notUnderstood(name)
}

function notUnderstood(name: string): CommandError {
  return new CommandError(
    'unexpected',
    `The accounts service answered without \`${name}\`: it is of another version than this command.`,
  )
}

/** Somebody else's words, which may end up on a terminal: without what steers one, as it stands and as JSON escapes it. */
function plain(json: string): string {
  const escaped = /\\u(?:00[01][0-9a-f]|007f|00[89][0-9a-f])/gi
  return json.replaceAll(escaped, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
}
