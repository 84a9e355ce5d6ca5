import type { Command } from 'commander'
import { askAccounts } from '../../access/accounts-service.ts'
import { leaveTokens } from '../../access/leave-tokens.ts'
import {
  type AccountsOptions,
  accountsOptions,
  forgetSession,
  loadSession,
  saveSession,
  signInUrl,
} from '../../access/session.ts'
import { signIn } from '../../access/sign-in.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../../wallet/account.ts'

type LoginOptions = AccountsOptions & AccountOptions & { json?: true }

export function addLoginCommands(program: Command, context: Context): void {
  const login = addCommand(program, {
    name: 'login',
    summary: 'sign in to the accounts service with your wallet',
    description:
      'Sign in to the accounts service with your wallet. The wallet signs a statement that names the service; no transaction is sent. The session is kept in your folder.',
    options: accountsOptions,
    examples: ['npx mooring login', 'npx mooring login --accounts https://accounts.example.org'],
  })
  addAccountOptions(login)
    .option('--json', 'print one JSON object')
    .action((options: LoginOptions) => logIn(context, options))
  addCommand(program, {
    name: 'logout',
    summary: 'end your session',
    description: 'End your session at the accounts service, and forget it here.',
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring logout'],
  }).action((options: { json?: true }) => logOut(context, options))
}

async function logIn(context: Context, options: LoginOptions): Promise<void> {
  const accounts = signInUrl(context, options)
  const wallet = await loadAccount(context, options)
  const session = await signIn(context, accounts, wallet)
  saveSession(context, session)
  const { account, endsAt } = session
  // Tokens that were had before somebody was signed in.
  const tokens = await leaveTokens(context, session)
  if (options.json) writeJson(context, { account, accounts, endsAt, tokens })
  else {
    const until = new Date(endsAt * 1_000).toISOString().slice(0, 16).replace('T', ' ')
    context.stdout.write(`Signed in at ${accounts} as ${account}, until ${until} UTC.\n`)
  }
}

async function logOut(context: Context, options: { json?: true }): Promise<void> {
  const session = loadSession(context)
  if (session === undefined) {
    context.stderr.write('You are not signed in.\n')
    if (options.json) writeJson(context, { ended: false })
    return
  }
  const { accounts, token } = session
  // What is forgotten here must not live on there unseen, so it is told when it could not be ended.
  const failure = await endSession(context, { accounts, token })
  forgetSession(context)
  if (options.json) writeJson(context, { ended: failure === undefined, accounts })
  else if (failure === undefined) context.stdout.write(`Signed out at ${accounts}.\n`)
  if (failure === undefined) return
  throw new CommandError(
    failure.exitCode,
    `${failure.message}\nThe session is forgotten here, and ends there by itself when it is not used.`,
  )
}

async function endSession(
  context: Context,
  { accounts, token }: { accounts: string; token: string },
): Promise<CommandError | undefined> {
  const path = '/v1/auth/logout'
  try {
    await askAccounts(context, { accounts, method: 'POST', path, token })
    return undefined
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
}
