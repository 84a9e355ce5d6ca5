import type { Deployment } from '@mooring/onchain/deployment'
import type { Head } from '../chain/head.ts'
import type { Sources } from '../chain/sources.ts'
import { escrowAt } from '../deposits/deposited.ts'
import { type AccountRead, readAccount } from '../deposits/read.ts'
import type { AccountHints } from './account-hints.ts'
import { accountReason } from './rules.ts'
import { accountKeyOf, type WatchActions, type WatchEvents, type WatchedToken } from './tokens.ts'

export type AccountsReviewOptions = {
  sources: Sources
  deployment: Deployment
  actions: WatchActions
  events: WatchEvents
  hints: AccountHints
}

/** Accounts in one question to the sources. */
const accountsMax = 50

/**
 * Looks at the accounts that may have changed, and revokes what they no longer stand for.
 *
 * @param gone - Tokens whose deposit is on no branch just now. What their accounts are says nothing, so they wait.
 */
export async function reviewAccounts(
  options: AccountsReviewOptions,
  found: { tokens: readonly WatchedToken[]; gone: ReadonlySet<string>; head: Head },
): Promise<void> {
  const { tokens, gone, head } = found
  const { hints } = options
  const byAccount = Map.groupBy(tokens, ({ facts }) => accountKeyOf(facts.escrow, facts.account))
  const due = hints.due(head.block).flatMap((key) => {
    const group = byAccount.get(key)
    // Accounts without a token are none of ours.
    return group === undefined || group.some(({ jti }) => gone.has(jti)) ? [] : [group]
  })
  for (let at = 0; at < due.length; at += accountsMax) {
    const part = due.slice(at, at + accountsMax)
    const accounts = await readAccounts(options, part, head)
    for (const [index, group] of part.entries()) {
      const account = accounts?.[index]
      if (account !== undefined) await judge(options, { group, account, head })
    }
  }
}

async function readAccounts(
  { sources, deployment, events }: AccountsReviewOptions,
  groups: readonly (readonly WatchedToken[])[],
  { block: blockNumber }: Head,
): Promise<readonly (AccountRead | undefined)[] | undefined> {
  const answers = await sources.askBoth((reader) =>
    Promise.all(
      groups.map(async ([first]) => {
        const escrow = first && escrowAt(deployment, first.facts.escrow)
        if (first === undefined || escrow === undefined) return undefined
        return readAccount(reader, { escrow, account: first.facts.account, blockNumber })
      }),
    ),
  )
  if (answers.ok) return answers.value
  events.troubled(answers)
  return undefined
}

async function judge(
  { actions, events, hints }: AccountsReviewOptions,
  seen: { group: readonly WatchedToken[]; account: AccountRead; head: Head },
): Promise<void> {
  try {
    for (const token of seen.group) {
      const reason = accountReason(token, seen.account)
      if (reason !== undefined) await actions.revoke(token.jti, reason)
    }
    const [first] = seen.group
    if (first === undefined) return
    hints.done(accountKeyOf(first.facts.escrow, first.facts.account), seen.head.block)
  } catch (error) {
    // The hint stays, so the account is looked at again.
    events.broke(error, 'revoking the tokens of an account')
  }
}
