import type { AccountRecord } from '@mooring/protocol/access/key-record'
import type { Restrictions } from './restrictions.ts'
import type { CheckedToken } from './token-check.ts'

/** What a key or a token gives, as it was looked up. Whether it still holds is asked of `Access.isGood`. */
export type Grant = {
  /** As CAIP-10. */
  account: string
  /** What stands in logs in place of the key. */
  name: string
  /** The consensus token that it rests on. */
  token: CheckedToken
  standing: Standing | undefined
  /** Of a project's key; undefined where the token was shown, or its own access key. */
  projectKey:
    | {
        id: string
        restrictions: Restrictions | undefined
        untilMs: number
        /** Whether it may use so much in a day and no more. */
        hasDayLimit: boolean
      }
    | undefined
  /** By the clock that never steps back. */
  checkedMs: number
  /** Something has changed since, so it is looked up again. */
  isVoid: boolean
}

/** What the accounts service says of an account; `record` is undefined where it could not say anything. */
export type Standing = {
  record: AccountRecord | undefined
  /** One that was verified here. */
  token: CheckedToken | undefined
  isVoid: boolean
}
