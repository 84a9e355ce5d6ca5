import type { Command } from 'commander'
import { askAccounts, listIn, recordIn, textIn } from '../../access/accounts-service.ts'
import { type AccountsOptions, accountsOptions, sessionFor } from '../../access/session.ts'
import type { Context } from '../../context.ts'
import { formatAnkr } from '../../economy/amounts.ts'
import { addCommand, type CommandForm } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { examples } from '../../help.ts'
import { isRecord } from '../../http.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

type Options = AccountsOptions & { json?: true }
type Answer = Record<string, unknown>

export function addAccountCommand(program: Command, context: Context): void {
  const account = program
    .command('account')
    .summary('show your account at the accounts service')
    .description('Show your account at the accounts service, where `mooring login` signs in.')
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring account', 'npx mooring account deposits'))
  addReading(account, context, {
    name: 'show',
    isDefault: true,
    summary: 'show what your account is good for',
    description: 'Show what your account is good for: its tier, its state and its credit.',
    examples: ['npx mooring account show'],
    path: '/v1/account',
    print: printAccount,
  })
  addReading(account, context, {
    name: 'deposits',
    summary: 'show your deposits and how far they are',
    description: 'Show the deposits of your account, and how far their confirmation is.',
    examples: ['npx mooring account deposits'],
    path: '/v1/deposits',
    print: printDeposits,
  })
}

type Reading = CommandForm & { path: string; isDefault?: true; print: (answer: Answer) => string }

function addReading(parent: Command, context: Context, reading: Reading): void {
  const { path, print, ...form } = reading
  const options = { ...accountsOptions, '--json': 'print one JSON object' }
  addCommand(parent, { ...form, options }).action(async (given: Options) => {
    const { accounts, token } = sessionFor(context, given)
    const answer = await askAccounts(context, { accounts, method: 'GET', path, token })
    if (given.json) writeJson(context, answer)
    else context.stdout.write(print(answer))
  })
}

function printAccount(answer: Answer): string {
  const { ankr, usd } = recordIn(answer, 'credit')
  return factLines([
    ['account', textIn(answer, 'account')],
    ['premium id', textIn(answer, 'premiumId')],
    ['tier', textIn(answer, 'tier')],
    ['state', textIn(answer, 'status')],
    ['your role', textIn(answer, 'role')],
    ['credit', `${amountText('ankr', ankr)}, ${amountText('usd', usd)}`],
  ])
}

function printDeposits(answer: Answer): string {
  const columns = ['TRANSACTION', 'STATE', 'BLOCKS', 'AMOUNT', 'CREDITED'].map((title) => ({
    title,
    align: 'left' as const,
  }))
  const rows = listIn(answer, 'deposits').map((deposit) => [
    String(deposit.transactionHash),
    deposit.refusal === null ? String(deposit.state) : `${deposit.state}: ${deposit.refusal}`,
    isRecord(deposit.confirmations)
      ? `${deposit.confirmations.have} of ${deposit.confirmations.need}`
      : '–',
    ...[deposit.amount, deposit.credited].map((amount) => amountText(deposit.asset, amount)),
  ])
  return rows.length === 0 ? 'There is no deposit yet.\n' : formatTable(columns, rows)
}

/** How finely the stablecoin is divided only the chain knows. */
function amountText(asset: unknown, amount: unknown): string {
  if (typeof amount !== 'string' || !/^\d+$/.test(amount)) return '–'
  return asset === 'ankr' ? formatAnkr(BigInt(amount)) : `${amount} base units of the stablecoin`
}
