import { projectKeyInput } from '@mooring/protocol/access/project-key'
import type { Clock } from '@mooring/telemetry/clock'
import type { LocalAccount } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { createSiweMessage } from 'viem/siwe'
import { type Accounts, startAccounts } from './accounts.ts'
import { type AccountsConfigFile, configSchema } from './config.ts'

export const chainId = 31_337
export const gatewayCredential = 'a-gateway-credential-of-32-characters'
const mnemonic = 'test test test test test test test test test test test junk'

export function wallet(number: number) {
  return mnemonicToAccount(mnemonic, { addressIndex: number })
}

export function nameOf(account: { address: string }): string {
  return `eip155:${chainId}:${account.address.toLowerCase()}`
}

/** Time that passes only when it is told to; its sleeps are real. */
export function movableClock(startMs = Date.UTC(2026, 5, 1)): Clock & { skipMs(ms: number): void } {
  let skippedMs = 0
  return {
    wallMs: () => startMs + skippedMs,
    nowMs: () => startMs + skippedMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const timer = setTimeout(resolve, durationMs)
        signal?.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
    skipMs: (ms) => {
      skippedMs += ms
    },
  }
}

export const silentLogger = {
  isDebug: false,
  debug() {},
  info() {},
  warn() {},
  error() {},
}

type Overrides = Partial<Omit<AccountsConfigFile, 'signIn'>> & {
  signIn?: Partial<AccountsConfigFile['signIn']>
}

/** The settings of a service for tests: any port, and room for many requests. */
export function testConfig(databaseUrl: string, { signIn, ...rest }: Overrides = {}) {
  return configSchema.parse({
    databaseUrl,
    listen: { port: 0 },
    gatewayListen: { port: 0 },
    gatewayCredentials: [gatewayCredential],
    requestsPerMinuteMax: 100_000,
    depositsPerMinuteMax: 10_000,
    keyChangesPerMinuteMax: 10_000,
    ...rest,
    signIn: {
      chainId,
      rpcUrl: 'http://127.0.0.1:1',
      attemptsPerMinuteMax: 10_000,
      signInsPerMinuteMax: 1_000,
      contractChecksPerMinuteMax: 1_000,
      ...signIn,
    },
  } satisfies AccountsConfigFile)
}

export function startForTest(
  databaseUrl: string,
  { clock, ...overrides }: Overrides & { clock?: Clock } = {},
): Promise<Accounts> {
  return startAccounts(testConfig(databaseUrl, overrides), {
    clock: clock ?? movableClock(),
    logger: silentLogger,
    onLost: (what) => {
      throw new Error(what)
    },
  })
}

/** Tests say which members of a body they read. */
export type Answer<T> = { status: number; body: T; headers: Headers }

/** Asks and reads JSON; of what is none, the text as `text`. */
export async function ask<T extends object = Record<string, unknown>>(
  url: string,
  method: string,
  path: string,
  {
    body,
    headers,
    token,
    account,
  }: {
    body?: unknown
    headers?: Record<string, string>
    token?: string | undefined
    account?: string | undefined
  } = {},
): Promise<Answer<T>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(account === undefined ? {} : { 'mooring-account': account }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const { status, headers: heard } = response
  const text = await response.text()
  const isJson = /json$|json;/.test(heard.get('content-type') ?? '')
  // Tests say which members they read.
  const read = isJson ? JSON.parse(text) : ({ text } as unknown as T)
  return { status, headers: heard, body: text === '' ? {} : read }
}

type NonceBody = { chainId: number; domain: string; uri: string; nonce: string }
type SignInOptions = { nowMs?: number; changes?: Partial<Parameters<typeof createSiweMessage>[0]> }

/** A message for a new nonce of the service. */
export async function signInMessage(
  url: string,
  address: `0x${string}`,
  { nowMs = movableClock().wallMs(), changes = {} }: SignInOptions = {},
): Promise<string> {
  const { body } = await ask<NonceBody>(url, 'POST', '/v1/auth/nonce')
  return createSiweMessage({
    address,
    chainId: body.chainId,
    domain: body.domain,
    uri: body.uri,
    nonce: body.nonce,
    version: '1',
    statement: 'Sign in to Mooring.',
    issuedAt: new Date(nowMs),
    ...changes,
  })
}

export async function signInAs(
  url: string,
  account: LocalAccount,
  options: SignInOptions = {},
): Promise<string> {
  const message = await signInMessage(url, account.address, options)
  const signature = await account.signMessage({ message })
  const answer = await ask<{ token: string }>(url, 'POST', '/v1/auth/siwe', {
    body: { message, signature },
  })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body.token
}

/** The hash of a key as its owner makes it. */
export function newKeyHash(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const digest = new Bun.CryptoHasher('sha256').update(projectKeyInput(bytes)).digest()
  return new Uint8Array(digest).toBase64({ alphabet: 'base64url', omitPadding: true })
}
