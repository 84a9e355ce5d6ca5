import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import type { AccessDomain, Quorum } from '@mooring/onchain/access-statements'
import { decodeBytes } from '@mooring/protocol/access/token'
import { type GroupJwk, isEndedAtOnce } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { loadStatements } from './statements.ts'
import { parseKeySet } from './wire.ts'

/** A key of the group. Seconds since 1970; `untilSeconds` is null while its end is not known. */
export type GroupKey = { keyObject: KeyObject; fromSeconds: number; untilSeconds: number | null }

/** How far clocks may differ. */
export const leewaySeconds = 30
/** Whoever makes up tokens must not have the verifiers asked all the time. */
const refetchMs = 60_000
const keysMax = 64
/** Each took as many verifiers as sign a token, so nobody else fills this. */
const endedMax = 10_000

type Context = {
  clock: Clock
  domain: AccessDomain
  quorum: Quorum
  /** Asks every verifier for its keys; what did not answer is left out. */
  fetchAll: () => Promise<unknown[]>
}

/**
 * Keys that the group of verifiers signs tokens with. One is taken when enough verifiers have signed it by name and list
 * it now, and kept while they are away. One that enough of them have ended at once is taken no more, whoever tells of it:
 * that statement is never taken back, so it proves itself.
 */
export class KeySet {
  readonly #context: Context
  readonly #keys = new Map<string, GroupKey>()
  readonly #ended = new Set<string>()
  #fetching: Promise<void> | undefined
  #soughtMs = Number.NEGATIVE_INFINITY

  constructor(context: Context) {
    this.#context = context
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0
  }

  find(kid: string): GroupKey | undefined {
    return this.#keys.get(kid)
  }

  /** Whether the verifiers have ended it at once, so that nothing that it signed counts. */
  hasEnded(kid: string): boolean {
    return this.#ended.has(kid)
  }

  /** As `find`; asks the verifiers for a key that is not known, once a minute at most whoever wants one. */
  async seek(kid: string): Promise<GroupKey | undefined> {
    const known = this.#keys.get(kid)
    if (known !== undefined || this.#ended.has(kid)) return known
    if (this.#fetching === undefined) {
      const nowMs = this.#context.clock.nowMs()
      if (nowMs - this.#soughtMs < refetchMs) return undefined
      this.#soughtMs = nowMs
    }
    await this.refresh()
    return this.#keys.get(kid)
  }

  /** Asks the verifiers; those who ask at once share one answer. */
  refresh(): Promise<void> {
    this.#fetching ??= this.#refresh().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #refresh(): Promise<void> {
    const { quorum } = this.#context
    const answers = (await this.#context.fetchAll()).flatMap((answer) => {
      const set = parseKeySet(answer)
      return set === undefined ? [] : [set]
    })
    for (const key of merged(answers.flatMap(({ ended }) => ended))) await this.#end(key)
    const listedBy = (kid: string) =>
      answers.filter(({ keys }) => keys.some((key) => key.kid === kid)).length
    for (const key of merged(answers.flatMap(({ keys }) => keys))) {
      // A statement of long ago is as well signed as one of today, so as many as sign must list the key now.
      if (listedBy(key.kid) >= quorum.threshold) await this.#consider(key)
    }
    const absentVotesMin = quorum.members.length - quorum.threshold + 1
    for (const kid of this.#keys.keys()) {
      // So many do not list it that those who do are fewer than sign.
      if (answers.length - listedBy(kid) >= absentVotesMin) this.#keys.delete(kid)
    }
  }

  async #end({ 'mooring:signatures': signatures, ...key }: GroupJwk): Promise<void> {
    if (this.#ended.has(key.kid) || !isEndedAtOnce(key) || !isNamedRightly(key)) return
    if (this.#ended.size >= endedMax) return
    const { domain, quorum } = this.#context
    const { groupKeyData, isSignedByQuorum } = await loadStatements()
    if (!(await isSignedByQuorum(quorum, groupKeyData(domain, key), signatures))) return
    this.#ended.add(key.kid)
    this.#keys.delete(key.kid)
  }

  async #consider({ 'mooring:signatures': signatures, ...key }: GroupJwk): Promise<void> {
    const { domain, quorum } = this.#context
    if (this.#ended.has(key.kid)) return
    const known = this.#keys.get(key.kid)
    const untilSeconds = sooner(key['mooring:until'], known?.untilSeconds ?? null)
    if (known !== undefined && known.untilSeconds === untilSeconds) return
    if (!isNamedRightly(key)) return
    const { groupKeyData, isSignedByQuorum } = await loadStatements()
    if (!(await isSignedByQuorum(quorum, groupKeyData(domain, key), signatures))) return
    const { x, 'mooring:from': fromSeconds } = key
    const keyObject =
      known?.keyObject ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    if (known === undefined && this.#keys.size >= keysMax) {
      const oldest = this.#keys.keys().next().value
      if (oldest !== undefined) this.#keys.delete(oldest)
    }
    this.#keys.set(key.kid, { keyObject, fromSeconds, untilSeconds })
  }
}

function isNamedRightly({ kid, x }: Pick<GroupJwk, 'kid' | 'x'>): boolean {
  return thumbprintOf(x) === kid && decodeBytes(x)?.length === 32
}

/** An end that was told once stays, whoever shows an older statement. */
function sooner(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** Verifiers may each show some of the signatures under the same statement. */
function merged(keys: readonly GroupJwk[]): GroupJwk[] {
  const byStatement = new Map<string, GroupJwk>()
  for (const key of keys) {
    const name = `${key.kid} ${key.x} ${key['mooring:from']} ${key['mooring:until']}`
    const before = byStatement.get(name)?.['mooring:signatures'] ?? []
    const signatures = [...before, ...key['mooring:signatures']]
    byStatement.set(name, { ...key, 'mooring:signatures': signatures })
  }
  return [...byStatement.values()]
}

/** RFC 7638, of an Ed25519 key. */
export function thumbprintOf(x: string): string {
  const members = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`
  return createHash('sha256').update(members).digest('base64url')
}
