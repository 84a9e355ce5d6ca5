import { parseDepositName } from '@mooring/protocol/access/names'
import { parseToken } from '@mooring/protocol/access/token'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { askAccounts } from './accounts-service.ts'
import type { KeyFile } from './key-file.ts'
import { listKeys } from './key-store.ts'
import { loadSession, type Session } from './session.ts'

/**
 * Leaves tokens with the accounts service, which lets gateways serve the other keys of the account. Only those that are
 * bound to a key: they are worth nothing without it. One that is refused is told, and no more: it may be of a network
 * that is gone.
 *
 * @returns How many are there now.
 */
export async function leaveTokens(context: Context, session: Session): Promise<number> {
  let left = 0
  for (const key of listKeys(context).keys) {
    try {
      if (await leaveToken(context, session, key)) left++
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      context.stderr.write(
        `The token of key ${key.name} was not left with the accounts service: ${error.message}\nWhere it is of another network or has ended, \`npx mooring deposit AMOUNT --key ${key.name}\` or \`npx mooring token request\` gets one that holds.\n`,
      )
    }
  }
  return left
}

/** The same for a token that was just had, where somebody is signed in. That it fails is told, and no more. */
export async function leaveNewToken(context: Context, key: KeyFile): Promise<void> {
  try {
    const session = loadSession(context)
    if (session === undefined || session.endsAt * 1_000 <= Date.now()) return
    if (!(await leaveToken(context, session, key))) return
    context.stderr.write('  left with the accounts service, for your project keys\n')
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    context.stderr.write(
      `  not left with the accounts service: ${error.message}\n  \`npx mooring keys register\` tries again.\n`,
    )
  }
}

async function leaveToken(
  context: Context,
  { accounts, token, account }: Session,
  { token: held }: KeyFile,
): Promise<boolean> {
  const parsed = held === undefined ? undefined : parseToken(held.raw)
  if (held === undefined || parsed === undefined || !parsed.ok) return false
  const { cnf, sub, exp, dep } = parsed.token.claims
  if (sub !== account || exp * 1_000 <= Date.now()) return false
  if (cnf === undefined) {
    await tellDeposit(context, { accounts, token }, dep)
    return false
  }
  const body = { token: held.raw }
  await askAccounts(context, { accounts, method: 'POST', path: '/v1/tokens', token, body })
  return true
}

/** A bearer is left with nobody, but its deposit is the account's all the same. */
async function tellDeposit(
  context: Context,
  { accounts, token }: Pick<Session, 'accounts' | 'token'>,
  name: string,
): Promise<void> {
  const place = parseDepositName(name)
  if (place === undefined) return
  const { transactionHash, logIndex } = place
  const body = { transactionHash, logIndex }
  await askAccounts(context, { accounts, method: 'POST', path: '/v1/deposits', token, body })
}
