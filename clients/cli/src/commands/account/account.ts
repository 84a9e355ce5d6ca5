import type { Command } from 'commander'
import { askAccounts, listIn, recordIn, textIn } from '../../access/accounts-service.ts'
import { creditFormat, type FormatCredit } from '../../access/credit-format.ts'
import { type AccountsOptions, accountsOptions, sessionFor } from '../../access/session.ts'
import type { Context } from '../../context.ts'
import { addCommand, type CommandForm } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { addSystemOptions, type SystemOptions } from '../../economy/system.ts'
import { examples } from '../../help.ts'
import { isRecord } from '../../http.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

type Options = AccountsOptions & SystemOptions & { json?: true }
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

type Reading = CommandForm & {
  path: string
  isDefault?: true
  print: (answer: Answer, format: FormatCredit) => string
}

function addReading(parent: Command, context: Context, reading: Reading): void {
  const { path, print, ...form } = reading
  const command = addCommand(parent, { ...form, options: accountsOptions })
  addSystemOptions(command)
    .option('--json', 'print one JSON object, amounts in base units')
    .action(async (given: Options) => {
      const { accounts, token } = sessionFor(context, given)
      const answer = await askAccounts(context, { accounts, method: 'GET', path, token })
      if (given.json) writeJson(context, answer)
      else context.stdout.write(print(answer, await creditFormat(context, given, answer)))
    })
}

function printAccount(answer: Answer, format: FormatCredit): string {
  const { ankr, usd } = recordIn(answer, 'credit')
  return factLines([
    ['account', textIn(answer, 'account')],
    ['premium id', textIn(answer, 'premiumId')],
    ['tier', textIn(answer, 'tier')],
    ['state', textIn(answer, 'status')],
    ['your role', textIn(answer, 'role')],
    ['credit', `${format('ankr', ankr)}, ${format('usd', usd)}`],
  ])
}

function printDeposits(answer: Answer, format: FormatCredit): string {
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
    ...[deposit.amount, deposit.credited].map((amount) => format(deposit.asset, amount)),
  ])
  return rows.length === 0 ? 'There is no deposit yet.\n' : formatTable(columns, rows)
}
