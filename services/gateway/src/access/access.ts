import { issuerOf } from '@mooring/protocol/access/names'
import type { MarketError } from '@mooring/protocol/market-error'
import type { Clock } from '@mooring/telemetry/clock'
import type { AccessSettings } from '../config.ts'
import type { Events } from '../events.ts'
import { Agreements } from './agreements.ts'
import { assertBound } from './binding.ts'
import { Changes } from './changes.ts'
import { type Credential, projectKeyHashOf, textHashOf } from './credentials.ts'
import { ProofCheck } from './dpop.ts'
import type { Grant } from './grant.ts'
import { type Finding, KeyFinder } from './key-finder.ts'
import { KeySet } from './keyset.ts'
import { RecentMap } from './recent-map.ts'
import { exhausted, tooManyLookUps, unauthenticated } from './refusals.ts'
import { Replays } from './replays.ts'
import { followRevocations, Revocations, revocationPollMs } from './revocations.ts'
import { createSources, type Sources } from './sources.ts'
import { Standings } from './standings.ts'
import { TokenCheck } from './token-check.ts'

/** Keys and tokens known to be good; those that are not have a place of their own and push none of these out. */
const grantsMax = 100_000
const refusedMax = 20_000
/** A key that nobody knew may be known soon: it is made before its hash has come round. */
const refusedMs = 5_000
/** Each asks every verifier and the accounts service. */
const lookUpsMax = 64
/** How long a key is served without the word of an accounts service that is there. */
const unaskedMs = 5_000
/** How often the keys of the group are asked for: an end of one is heard of by then, as soon as a revocation. */
const keySetPollMs = revocationPollMs
/** The same, while there are none. */
const keySetRetryMs = 1_000

export type ShownCredential = Exclude<Credential, { kind: 'none' }>
type LookUp = { promise: Promise<Finding>; isStale: boolean }
type Refused = { error: MarketError; untilMs: number }
type Context = { clock: Clock; events: Events }

/**
 * What keys and tokens give, each looked up and verified once. Keys of projects rest on the accounts service's word and
 * on a consensus token of their account that was verified here; all other ones on a consensus token alone.
 *
 * How long something that was taken back still works, at most: see `Revocations` and `Changes`; a key of the group
 * that has ended, `keySetPollMs`.
 */
export class Access {
  readonly agreements: Agreements
  readonly #clock: Clock
  readonly #events: Events
  readonly #keys: KeySet
  readonly #revocations: Revocations
  readonly #check: TokenCheck
  readonly #proofs: ProofCheck
  readonly #finder: KeyFinder
  readonly #sources: Sources
  readonly #standings: Standings | undefined
  readonly #changes: Changes | undefined
  readonly #grants = new RecentMap<string, Grant>(grantsMax)
  readonly #refused = new RecentMap<string, Refused>(refusedMax)
  readonly #lookUps = new Map<string, LookUp>()
  readonly #publicUrl: URL | undefined
  readonly #verifierCount: number
  readonly #stopping = new AbortController()
  #following: Promise<unknown> | undefined

  constructor(settings: AccessSettings, { clock, events }: Context) {
    const { chainId, ankrEscrow, verifiers, threshold, audience } = settings
    const { signal } = this.#stopping
    const domain = { chainId, ankrEscrow }
    const quorum = { members: verifiers.map(({ address }) => address), threshold }
    const sources = createSources(settings, { events, clock, signal })
    const issuer = settings.issuer ?? issuerOf(chainId, ankrEscrow)
    const wallMs = () => clock.wallMs()
    this.#clock = clock
    this.#events = events
    this.#sources = sources
    this.#publicUrl = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl)
    this.agreements = new Agreements(domain, { clock, events })
    this.#keys = new KeySet({ clock, domain, quorum, fetchAll: sources.keySets })
    this.#revocations = new Revocations(domain, quorum)
    const isRevoked = (jti: string) => this.#revocations.has(jti)
    this.#check = new TokenCheck({ keys: this.#keys, issuer, audience, wallMs, isRevoked })
    this.#proofs = new ProofCheck(new Replays(clock), wallMs)
    this.#standings = sources.accounts && new Standings(sources.accounts, this.#check)
    this.#changes = this.#createChanges()
    this.#finder = new KeyFinder({
      clock,
      sources,
      check: this.#check,
      standings: this.#standings,
      absentVotesMin: verifiers.length - threshold + 1,
      isAccountsAway: () => this.#changes?.isAway ?? false,
    })
    this.#verifierCount = verifiers.length
  }

  /** Begins to listen to its sources; from then on it is to be stopped. */
  start(): void {
    const verifiers = Array.from({ length: this.#verifierCount }, (_, at) => at)
    const lists = verifiers.map((at) => this.#followRevocations(at))
    this.#following = Promise.all([this.#followKeys(), this.#changes?.follow(), ...lists])
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
  }

  /**
   * What is known of a credential, at once and without a promise. Throws UNAUTHENTICATED for one that was refused a
   * moment ago.
   *
   * @returns Undefined where it must be looked up.
   */
  find(credential: ShownCredential): Grant | undefined {
    const name = nameOf(credential)
    const grant = this.#grants.get(name)
    if (grant !== undefined && this.isGood(grant)) return grant
    const refused = this.#refused.get(refusedNameOf(credential, name))
    if (refused === undefined || this.#clock.nowMs() >= refused.untilMs) return undefined
    throw refused.error
  }

  /**
   * Looks a credential up, once for all who ask for it at the same time. Rejects with a MarketError: UNAUTHENTICATED
   * for what is known to give nothing, ACCESS_UNKNOWN where nobody could say, OVERLOADED.
   */
  async lookUp(credential: ShownCredential): Promise<Grant> {
    const name = nameOf(credential)
    const finding = await (this.#lookUps.get(name)?.promise ?? this.#startLookUp(name, credential))
    if (finding.kind === 'found') return finding.grant
    throw finding.error
  }

  /** Whether what was found still holds. Asked for every request, so it costs some look-ups in maps. */
  isGood({ isVoid, standing, token, projectKey, checkedMs }: Grant): boolean {
    if (isVoid || standing?.isVoid === true) return false
    if (standing === undefined && this.#mustAskAgain(checkedMs)) return false
    if (this.#check.problemNow(token) !== undefined) return false
    if (projectKey === undefined) return true
    if (this.#clock.wallMs() >= projectKey.untilMs) return false
    return this.#changes?.isStale(checkedMs) !== true
  }

  /** The accounts service is there, and did not answer when the grant was made: it may have had something to say. */
  #mustAskAgain(checkedMs: number): boolean {
    if (this.#changes === undefined || this.#changes.isAway) return false
    return this.#clock.nowMs() - checkedMs > unaskedMs
  }

  /**
   * Throws where a grant must not be used: its account has nothing left or is frozen, or the credential is shown
   * without what it is bound to.
   *
   * @param path - Of the request, as this gateway was asked for it.
   */
  assertMayUse(grant: Grant, credential: ShownCredential, path: string): void {
    const status = grant.standing?.record?.status
    if (status === 'exhausted') throw exhausted()
    if (status === 'frozen') throw unauthenticated('the account of this key is frozen')
    if (credential.kind !== 'token') return
    assertBound(credential, grant.token.claims.cnf, {
      proofs: this.#proofs,
      at: this.#publicAddressOf(path),
    })
  }

  /** What consumers call. Never what a client says that it called: it would say what the proof it has is for. */
  #publicAddressOf(path: string): { host: string; path: string } | undefined {
    if (this.#publicUrl === undefined) return undefined
    const { host, pathname } = this.#publicUrl
    return { host, path: `${pathname.replace(/\/$/, '')}${path}` }
  }

  #startLookUp(name: string, credential: ShownCredential): Promise<Finding> {
    if (this.#lookUps.size >= lookUpsMax) throw tooManyLookUps()
    const promise =
      credential.kind === 'token'
        ? this.#finder.findToken(credential.token)
        : this.#finder.findKey(credential.key)
    const lookUp: LookUp = { promise, isStale: false }
    this.#lookUps.set(name, lookUp)
    const ended = promise.then((finding) => {
      this.#ended(credential, lookUp, finding)
      return finding
    })
    return ended.finally(() => this.#lookUps.delete(name))
  }

  #ended(credential: ShownCredential, { isStale }: LookUp, finding: Finding): void {
    const name = nameOf(credential)
    this.#events.keyLookedUp(finding.kind)
    if (finding.kind === 'found') {
      // What has changed meanwhile is looked up again at its next use.
      if (isStale) finding.grant.isVoid = true
      else this.#keep(name, finding.grant)
      return
    }
    if (finding.kind === 'refused' && !isStale) {
      this.#drop(name)
      const untilMs = this.#clock.nowMs() + refusedMs
      this.#refused.set(refusedNameOf(credential, name), { error: finding.error, untilMs })
    }
  }

  /** Nobody tells a grant that is not held here of what has changed, so it ends with its place. */
  #keep(name: string, grant: Grant): void {
    const dropped = this.#grants.set(name, grant)
    if (dropped !== undefined) dropped.isVoid = true
  }

  #drop(name: string): void {
    const grant = this.#grants.get(name)
    if (grant !== undefined) grant.isVoid = true
    this.#grants.delete(name)
  }

  #createChanges(): Changes | undefined {
    const { accounts } = this.#sources
    if (accounts === undefined) return undefined
    return new Changes({
      clock: this.#clock,
      signal: this.#stopping.signal,
      fetchAfter: accounts.changesAfter,
      forget: (change) => {
        if (change.kind === 'key') this.#forgetKey(change.keyHash)
        else this.#standings?.forget(change.account)
      },
      forgetAll: () => this.#forgetAll(),
      isBack: () => this.#forgetUnasked(),
    })
  }

  #forgetKey(keyHash: string): void {
    this.#drop(keyHash)
    this.#refused.delete(keyHash)
    const running = this.#lookUps.get(keyHash)
    if (running !== undefined) running.isStale = true
  }

  /** All that rests on the accounts service's word. */
  #forgetAll(): void {
    this.#standings?.forgetAll()
    this.#refused.clear()
    for (const grant of this.#grants.values()) grant.isVoid = true
    for (const running of this.#lookUps.values()) running.isStale = true
  }

  /** Grants that were made while the accounts service could not be asked. */
  #forgetUnasked(): void {
    for (const grant of this.#grants.values()) grant.isVoid ||= grant.standing === undefined
  }

  async #followKeys(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#keys.refresh()
      await this.#clock.sleep(this.#keys.isEmpty ? keySetRetryMs : keySetPollMs, signal)
    }
  }

  #followRevocations(verifier: number): Promise<void> {
    return followRevocations(this.#revocations, {
      clock: this.#clock,
      signal: this.#stopping.signal,
      fetchAfter: (after) => this.#sources.revocationsAfter(verifier, after),
    })
  }
}

/**
 * By what it is kept: a token by its own text, which has dots, and a key by a hash, which has none. Of a key's two hashes
 * it is the one of the accounts service, which tells of changes by it.
 */
function nameOf(credential: ShownCredential): string {
  return credential.kind === 'token' ? credential.token : projectKeyHashOf(credential.key)
}

/** Whoever makes up tokens makes them as long as it likes. */
function refusedNameOf({ kind }: ShownCredential, name: string): string {
  return kind === 'token' ? textHashOf(name) : name
}
