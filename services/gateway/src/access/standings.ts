import type { Standing } from './grant.ts'
import { RecentMap } from './recent-map.ts'
import type { AccountsSource } from './sources.ts'
import type { CheckedToken, TokenCheck } from './token-check.ts'
import { parseAccountAnswer } from './wire.ts'

const accountsMax = 50_000
/** Tokens of one account that are looked at; the newest come first. */
const tokensTriedMax = 4

type Running = { promise: Promise<Standing | undefined>; isStale: boolean }

/** What the accounts service says of accounts, and the tokens that prove what it says; each looked up once. */
export class Standings {
  readonly #source: AccountsSource
  readonly #check: TokenCheck
  readonly #known = new RecentMap<string, Standing>(accountsMax)
  readonly #running = new Map<string, Running>()

  constructor(source: AccountsSource, check: TokenCheck) {
    this.#source = source
    this.#check = check
  }

  /**
   * @param needsToken - Whether what is known without a token that holds is not enough.
   * @returns Undefined where nobody can tell.
   */
  async of(
    account: string,
    { needsToken }: { needsToken: boolean },
  ): Promise<Standing | undefined> {
    const known = this.#known.get(account)
    if (known !== undefined && (!needsToken || this.#holds(known.token))) return known
    const running = this.#running.get(account)
    if (running !== undefined) return await running.promise
    const started: Running = { promise: this.#fetch(account), isStale: false }
    this.#running.set(account, started)
    try {
      const standing = await started.promise
      if (standing === undefined) return undefined
      if (started.isStale) standing.isVoid = true
      else this.#keep(account, standing)
      return standing
    } finally {
      this.#running.delete(account)
    }
  }

  forget(account: string): void {
    const known = this.#known.get(account)
    if (known !== undefined) known.isVoid = true
    this.#known.delete(account)
    const running = this.#running.get(account)
    if (running !== undefined) running.isStale = true
  }

  forgetAll(): void {
    for (const standing of this.#known.values()) standing.isVoid = true
    this.#known.clear()
    for (const running of this.#running.values()) running.isStale = true
  }

  /** Nobody tells one that is not held here of what has changed, so it ends with its place. */
  #keep(account: string, standing: Standing): void {
    const dropped = this.#known.set(account, standing)
    if (dropped !== undefined) dropped.isVoid = true
  }

  #holds(token: CheckedToken | undefined): boolean {
    return token !== undefined && this.#check.problemNow(token) === undefined
  }

  async #fetch(account: string): Promise<Standing | undefined> {
    const fetched = await this.#source.account(account)
    if (fetched.kind === 'absent') return { record: undefined, token: undefined, isVoid: false }
    const answer = fetched.kind === 'answer' ? parseAccountAnswer(fetched.value) : undefined
    if (answer?.record.account !== account) return undefined
    let isUnclear = false
    for (const text of answer.tokens.slice(0, tokensTriedMax)) {
      const verdict = await this.#check.check(text)
      if (verdict.kind === 'good' && verdict.token.claims.sub === account) {
        return { record: answer.record, token: verdict.token, isVoid: false }
      }
      isUnclear ||= verdict.kind === 'unknownKey'
    }
    // It may be of a key of the group that could not be had yet.
    if (isUnclear) return undefined
    return { record: answer.record, token: undefined, isVoid: false }
  }
}
