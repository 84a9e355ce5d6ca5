import type { KeyRecord } from '@mooring/protocol/access/key-record'
import type { MarketError } from '@mooring/protocol/market-error'
import type { Clock } from '@mooring/telemetry/clock'
import { keyHashOf, projectKeyHashOf } from './credentials.ts'
import type { Grant } from './grant.ts'
import { RecentMap } from './recent-map.ts'
import { cannotTell, unauthenticated, unknownKey } from './refusals.ts'
import { restrictionsOf } from './restrictions.ts'
import type { Sources } from './sources.ts'
import type { Standings } from './standings.ts'
import type { CheckedToken, TokenCheck } from './token-check.ts'
import { parseBoundToken, parseKeyRecord } from './wire.ts'

const tokensMax = 20_000

/** `refused`: it is known that the key gives nothing. `unclear`: those who could tell do not answer. */
export type Finding =
  | { kind: 'found'; grant: Grant }
  | { kind: 'refused'; error: MarketError }
  | { kind: 'unclear'; error: MarketError }

type Context = {
  clock: Clock
  sources: Sources
  check: TokenCheck
  standings: Standings | undefined
  /** How many verifiers must not know a key for it to be unknown: one of any so many has seen each token. */
  absentVotesMin: number
  /** Whether the accounts service has been silent, so that nobody should wait for it without need. */
  isAccountsAway: () => boolean
}

/** Finds out whose a key or a token is, by asking those who know. Keeps no answer but the tokens of keys. */
export class KeyFinder {
  readonly #context: Context
  /** By hash: what verifiers have said of a key holds as long as its token, whether they are there or not. */
  readonly #tokens = new RecentMap<string, CheckedToken>(tokensMax)

  constructor(context: Context) {
    this.#context = context
  }

  async findToken(text: string): Promise<Finding> {
    const verdict = await this.#context.check.check(text)
    if (verdict.kind === 'bad') return { kind: 'refused', error: unauthenticated(verdict.problem) }
    if (verdict.kind === 'unknownKey') {
      // Without a single key of the group nothing can be said of any token.
      const why = 'the token is not valid: it is signed with a key that the verifiers do not have'
      return this.#context.check.hasKeys
        ? { kind: 'refused', error: unauthenticated(why) }
        : { kind: 'unclear', error: cannotTell() }
    }
    return { kind: 'found', grant: await this.#ofToken(verdict.token) }
  }

  /**
   * Verifiers and the accounts service know a key by different hashes, so that neither can be told to keep the other's.
   * A token goes before a record, whichever comes first: it is the chain's word, which no service takes back. That nobody
   * knows a key must be said by enough of them.
   */
  async findKey(key: string): Promise<Finding> {
    const asked = this.#recordOf(projectKeyHashOf(key))
    const token = await this.#tokenOf(keyHashOf(key))
    if (token.kind === 'token') return { kind: 'found', grant: await this.#ofToken(token.token) }
    if (token.kind === 'unclear') return { kind: 'unclear', error: cannotTell() }
    const record = await asked
    return record.kind === 'record' ? this.#ofRecord(record.record) : nobodyKnows(token, record)
  }

  async #tokenOf(keyHash: string): Promise<TokenAnswer> {
    const { check, sources, absentVotesMin } = this.#context
    const known = this.#tokens.get(keyHash)
    if (known !== undefined && check.problemNow(known) === undefined) {
      return { kind: 'token', token: known }
    }
    let absentVotes = 0
    let problem: string | undefined
    // Once so many know of none, the rest is not waited for: it may be silent for long.
    const isAbsent = Promise.withResolvers<undefined>()
    const voteAbsent = () => {
      if (++absentVotes >= absentVotesMin) isAbsent.resolve(undefined)
    }
    const asked = sources.tokenOf(keyHash).map(async (answer) => {
      const fetched = await answer
      const text = fetched.kind === 'answer' ? parseBoundToken(fetched.value)?.token : undefined
      if (fetched.kind === 'absent') voteAbsent()
      if (text === undefined) return undefined
      const verdict = await check.check(text)
      if (verdict.kind === 'good' && isBoundTo(verdict.token, keyHash)) return verdict.token
      // It has none that holds, whatever it shows instead.
      if (verdict.kind === 'bad') problem = verdict.problem
      if (verdict.kind !== 'unknownKey') voteAbsent()
      return undefined
    })
    const token = await Promise.race([firstFound(asked), isAbsent.promise])
    if (token === undefined) {
      return absentVotes >= absentVotesMin ? { kind: 'absent', problem } : { kind: 'unclear' }
    }
    this.#tokens.set(keyHash, token)
    return { kind: 'token', token }
  }

  async #recordOf(keyHash: string): Promise<RecordAnswer> {
    const { accounts } = this.#context.sources
    if (accounts === undefined) return { kind: 'absent' }
    const fetched = await accounts.key(keyHash)
    if (fetched.kind === 'absent') return fetched
    const record = fetched.kind === 'answer' ? parseKeyRecord(fetched.value) : undefined
    return record?.keyHash === keyHash ? { kind: 'record', record } : { kind: 'unclear' }
  }

  /** The accounts service may say that nothing is left; a token is good without its word. */
  async #ofToken(token: CheckedToken): Promise<Grant> {
    const { standings, isAccountsAway, clock } = this.#context
    const account = token.claims.sub
    const checkedMs = clock.nowMs()
    const standing = isAccountsAway()
      ? undefined
      : await standings?.of(account, { needsToken: false })
    const projectKey = undefined
    return { account, name: account, token, standing, projectKey, checkedMs, isVoid: false }
  }

  async #ofRecord(record: KeyRecord): Promise<Finding> {
    const { account, name, status, expiresAt } = record
    const { standings, clock, check } = this.#context
    const checkedMs = clock.nowMs()
    const untilMs = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt * 1_000
    if (status !== 'active') return refused(`the API key is ${status}: use another one`)
    if (clock.wallMs() >= untilMs) return refused('the API key has expired: make another one')
    const standing = await standings?.of(account, { needsToken: true })
    if (standing === undefined) return { kind: 'unclear', error: cannotTell() }
    const { token } = standing
    if (token === undefined || check.problemNow(token) !== undefined) {
      return refused(
        'the account of this key holds no access token that is valid: ask the verifiers for a new one',
      )
    }
    const projectKey = {
      id: record.id,
      restrictions: restrictionsOf(record.restrictions),
      untilMs,
      hasDayLimit: record.creditsPerDayMax !== null,
    }
    const grant = { account, name, token, standing, projectKey, checkedMs, isVoid: false }
    return { kind: 'found', grant }
  }
}

type TokenAnswer =
  | { kind: 'token'; token: CheckedToken }
  | { kind: 'absent'; problem: string | undefined }
  | { kind: 'unclear' }
type RecordAnswer = { kind: 'record'; record: KeyRecord } | { kind: 'absent' } | { kind: 'unclear' }

function nobodyKnows(token: TokenAnswer, record: RecordAnswer): Finding {
  if (token.kind !== 'absent' || record.kind !== 'absent') {
    return { kind: 'unclear', error: cannotTell() }
  }
  const { problem } = token
  return { kind: 'refused', error: problem === undefined ? unknownKey() : unauthenticated(problem) }
}

function refused(why: string): Finding {
  return { kind: 'refused', error: unauthenticated(why) }
}

function isBoundTo({ claims: { cnf } }: CheckedToken, keyHash: string): boolean {
  return cnf !== undefined && 'key#S256' in cnf && cnf['key#S256'] === keyHash
}

/** The first of them that is not undefined, or undefined once all are. */
function firstFound<T>(all: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let missing = all.length
    for (const each of all) {
      each.then((value) => {
        missing--
        if (value !== undefined || missing === 0) resolve(value)
      }, reject)
    }
  })
}
