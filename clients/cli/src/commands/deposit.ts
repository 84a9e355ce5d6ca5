import type { Command } from 'commander'
import { chainUrlOf, type EndpointOptions, endpointOptions } from '../access/endpoint.ts'
import { commandOf, getToken } from '../access/get-token.ts'
import type { KeyFile } from '../access/key-file.ts'
import { listKeys, loadKey } from '../access/key-store.ts'
import { assertOpens } from '../access/sealed.ts'
import { type VerifierOptions, verifierOptions, verifierUrls } from '../access/verifiers.ts'
import type { Context } from '../context.ts'
import { assetOption } from '../economy/escrow.ts'
import { addCommand, type Given, givenTo } from '../economy/given.ts'
import type { Intent } from '../economy/intent.ts'
import { parseHash } from '../economy/parsing.ts'
import { type Report, reporting } from '../economy/report.ts'
import { addSigningOptions, type SigningOptions, signReporting } from '../economy/signing.ts'
import { connect } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord } from '../http.ts'
import { loadWallet } from '../wallet/account.ts'
import { intendDeposit } from './escrow/deposit.ts'
import { tellOfToken } from './token/request.ts'

type DepositOptions = SigningOptions &
  VerifierOptions &
  EndpointOptions & { key: string; asset?: string }

export function addDepositCommand(program: Command, context: Context): void {
  const command = addCommand(program, {
    name: 'deposit',
    summary: 'deposit, wait, and get the token: all there is to a premium key',
    description:
      'Deposit what requests are paid from, wait until enough blocks are on top, and get the token for your key. When it is interrupted the deposit stands, and `mooring token request` goes on.',
    arguments: { '<amount>': 'in the asset, e.g. 1000' },
    required: { '--key <name>': 'key that may use it, as `mooring keys new` made it' },
    options: { ...assetOption, ...verifierOptions, ...endpointOptions },
    examples: [
      'npx mooring deposit 1000 --key mine --dry-run',
      'npx mooring deposit 50 --key mine --asset usd',
    ],
  })
  addSigningOptions(command).action((...typed: unknown[]) =>
    deposit(context, command.opts<DepositOptions>(), givenTo(command, typed)),
  )
}

async function deposit(context: Context, options: DepositOptions, given: Given): Promise<void> {
  const key = loadKey(context, options.key)
  if (key.registration !== undefined) throw projectKeyGiven(context, key)
  // What would be missing later is told before anything is signed.
  const verifiers = verifierUrls(context, options)
  const chainUrl = chainUrlOf(context, options)
  const wallet = await loadWallet(context, options)
  assertOpens(wallet, key)
  const named: Given = {
    args: given.args,
    options: { ...given.options, keyCommitment: key.commitment },
  }
  await reporting(context, options, async (report) => {
    const intend = async (signing: Parameters<typeof intendDeposit>[0]): Promise<Intent> => {
      const intent = await intendDeposit(signing, named)
      const facts = [['key', `${key.name}, delivery ${key.material.delivery}`] as const]
      return { ...intent, facts: [...facts, ...intent.facts] }
    }
    await signReporting(context, options, { intend, report, load: async () => wallet.account })
    const transactionHash = lastHashIn(report)
    if (transactionHash === undefined) return
    report.transaction = transactionHash
    context.stderr.write(wayOnText({ key, transactionHash }))
    const system = await connect(context, options)
    const held = await getToken(context, {
      ...{ system, wallet, key, verifiers, transactionHash, waits: true },
    })
    tellOfToken(context, held, { chainUrl, report, json: options.json })
  })
}

/** Says which key is wanted: the one that holds a token of the account already, or else one that is no project's. */
function projectKeyGiven(context: Context, { name }: KeyFile): CommandError {
  const own = listKeys(context).keys.filter(({ registration }) => registration === undefined)
  const best = own.find(({ token }) => token !== undefined) ?? own[0]
  const wayOn =
    best === undefined
      ? 'make one with `npx mooring keys new mine` and give `--key mine`'
      : `give \`--key ${best.name}\`${best.token === undefined ? '' : ', which has a token of an earlier deposit'}, or one that \`npx mooring keys new NAME\` makes`
  return new CommandError(
    'badInput',
    `The key ${name} is a project's, and --key wants the key of the deposit: the chain names it and no service can freeze it. To go on, ${wayOn}. ${name} will use the deposit too, as all project keys of the account do.`,
  )
}

function wayOnText(made: { key: KeyFile; transactionHash: `0x${string}` }): string {
  return `Now enough blocks have to come on top of it. Should this be interrupted, go on with\n  ${commandOf(made)}\n`
}

/** The deposit is the last of the transactions; a dry run sends none. */
function lastHashIn({ transactions }: Report): `0x${string}` | undefined {
  const last = Array.isArray(transactions) ? transactions.at(-1) : undefined
  return isRecord(last) ? parseHash(String(last.hash), 'transaction') : undefined
}
