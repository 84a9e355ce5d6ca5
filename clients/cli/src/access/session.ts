import { join } from 'node:path'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord, parseJson } from '../http.ts'
import { readNetwork } from '../locations.ts'
import { homeOf, loadSecret, removeSecret, saveSecret } from './home.ts'

export type AccountsOptions = { accounts?: string }

/** A sign-in as it is kept. The token is a secret, and goes nowhere but to where it was had. */
export type Session = {
  /** Origin of the accounts service. */
  accounts: string
  token: string
  /** As CAIP-10. */
  account: string
  /** Seconds since 1970. */
  endsAt: number
}

const variable = 'MOORING_ACCOUNTS'

export const accountsOptions = {
  '--accounts <url>': `the accounts service; else ${variable}, else where you signed in, else the local network's`,
} as const

/** Where the accounts service is, from what was said or what runs here. */
export function accountsUrl(context: Context, { accounts }: AccountsOptions): string {
  const named = accounts ?? context.env[variable] ?? loadSession(context)?.accounts
  if (named !== undefined) return parseOrigin(named)
  const local = readNetwork(context)?.urls.accounts
  if (typeof local === 'string') return parseOrigin(local)
  throw new CommandError(
    'badInput',
    `Nobody said where the accounts service is: name it with --accounts URL or ${variable}, or start a local network with \`npx mooring up\`.`,
  )
}

/** Where to sign in: a local network that runs here goes before where somebody was signed in before. */
export function signInUrl(context: Context, options: AccountsOptions): string {
  const named = options.accounts ?? context.env[variable]
  const local = named === undefined ? readNetwork(context)?.urls.accounts : undefined
  return typeof local === 'string' ? parseOrigin(local) : accountsUrl(context, options)
}

/** The sign-in that commands use. Refuses to send it anywhere but to where it was had. */
export function sessionFor(context: Context, options: AccountsOptions): Session {
  const session = loadSession(context)
  const url = accountsUrl(context, options)
  if (session === undefined) {
    throw new CommandError('badInput', `You are not signed in: \`npx mooring login\` does.`)
  }
  if (session.accounts !== url) {
    throw new CommandError(
      'badInput',
      `You are signed in at ${session.accounts}, not at ${url}: \`npx mooring login --accounts ${url}\` signs in there.`,
    )
  }
  if (session.endsAt * 1_000 > Date.now()) return session
  throw new CommandError('badInput', 'Your sign-in has ended: `npx mooring login` makes another.')
}

export function saveSession(context: Context, session: Session): void {
  const text = `${JSON.stringify(session, null, 2)}\n`
  saveSecret(fileOf(context), text, { isNew: false })
}

/** @returns Undefined where nobody is signed in. */
export function loadSession(context: Context): Session | undefined {
  const file = fileOf(context)
  const text = loadSecret(file)
  if (text === undefined) return undefined
  const value = parseJson(text)
  if (isSession(value)) return value
  throw new CommandError(
    'badInput',
    `${file} is damaged: remove it, and sign in again with \`npx mooring login\`.`,
  )
}

export function forgetSession(context: Context): void {
  removeSecret(fileOf(context))
}

function fileOf(context: Context): string {
  return join(homeOf(context), 'session.json')
}

function parseOrigin(text: string): string {
  const url = URL.parse(text)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (isOrigin) return url.origin
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no address of an accounts service: http:// or https://, host and port alone.`,
  )
}

function isSession(value: unknown): value is Session {
  if (!isRecord(value)) return false
  const { accounts, token, account, endsAt } = value
  const texts = [accounts, token, account]
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(endsAt)
}
