import type { Clock } from '@mooring/telemetry/clock'
import type { AccessSettings } from '../config.ts'
import type { Events } from '../events.ts'
import { changesWaitMs } from './changes.ts'
import { type Fetched, fetchJson } from './fetch-json.ts'

const timeoutMs = 2_000
const bytesMax = 65_536
const listBytesMax = 8 * 1_048_576

/** The services that know keys and tokens, as this gateway asks them. Nothing here rejects. */
export type Sources = {
  keySets(): Promise<unknown[]>
  /** One answer of each verifier. */
  tokenOf(keyHash: string): readonly Promise<Fetched>[]
  /** @param verifier - Its place in the configuration. */
  revocationsAfter(verifier: number, after: number): Promise<Fetched>
  /** Undefined where there is no accounts service. */
  accounts: AccountsSource | undefined
}

export type AccountsSource = {
  key(keyHash: string): Promise<Fetched>
  account(name: string): Promise<Fetched>
  changesAfter(cursor: string | undefined): Promise<Fetched>
}

type Context = { events: Events; clock: Clock; signal: AbortSignal }

export function createSources(
  { verifiers, accounts }: AccessSettings,
  { events, signal }: Context,
): Sources {
  const options = { timeoutMs, bytesMax, signal }
  const ask = (at: number, path: string, own: { bytesMax: number } = options) => {
    // The configuration holds as many as are asked.
    const { url, address } = verifiers[at]!
    return watched(
      `verifier ${address}`,
      fetchJson(`${rootOf(url)}${path}`, { ...options, ...own }),
    )
  }
  const watched = watchedBy(events, signal)
  return {
    async keySets() {
      const all = await Promise.all(verifiers.map((_, at) => ask(at, '/.well-known/jwks.json')))
      return all.flatMap((each) => (each.kind === 'answer' ? [each.value] : []))
    },
    tokenOf: (keyHash) => verifiers.map((_, at) => ask(at, `/v1/tokens/${keyHash}`)),
    revocationsAfter: (at, after) =>
      ask(at, `/v1/revocations?after=${after}`, { bytesMax: listBytesMax }),
    accounts: accounts && accountsSource(accounts, { ...options, watched }),
  }
}

type Watched = (source: string, answer: Promise<Fetched>) => Promise<Fetched>

function accountsSource(
  { url, credential }: { url: string; credential: string },
  {
    watched,
    ...options
  }: { timeoutMs: number; bytesMax: number; signal: AbortSignal; watched: Watched },
): AccountsSource {
  const root = `${rootOf(url)}/v1/gateway`
  const ask = (path: string, own: { timeoutMs?: number; bytesMax?: number } = {}) =>
    watched('accounts', fetchJson(root + path, { ...options, credential, ...own }))
  return {
    key: (keyHash) => ask(`/keys/${keyHash}`, { bytesMax: listBytesMax }),
    account: (name) => ask(`/accounts/${encodeURIComponent(name)}`, { bytesMax: listBytesMax }),
    changesAfter(cursor) {
      const after = cursor === undefined ? '' : `after=${encodeURIComponent(cursor)}&`
      const path = `/changes?${after}waitMs=${cursor === undefined ? 0 : changesWaitMs}`
      return ask(path, { timeoutMs: changesWaitMs + timeoutMs, bytesMax: listBytesMax })
    },
  }
}

/** Tells operators when a source stops answering, and when it is back. */
function watchedBy(events: Events, signal: AbortSignal): Watched {
  const silent = new Map<string, string>()
  return async (source, answer) => {
    const fetched = await answer
    const why = fetched.kind === 'failed' ? fetched.why : undefined
    if (signal.aborted || silent.get(source) === why) return fetched
    if (why === undefined) silent.delete(source)
    else silent.set(source, why)
    events.sourceChanged(source, why)
    return fetched
  }
}

function rootOf(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url
}
