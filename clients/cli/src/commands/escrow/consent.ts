import { type ConsentFile, parseConsentFile } from '@mooring/onchain/consent-file'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { consentData } from '@mooring/onchain/signed'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAsset, formatDate, parseAmount } from '../../economy/amounts.ts'
import { assetNameOf, readAccount } from '../../economy/escrow.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseHash } from '../../economy/parsing.ts'
import { approvalFor, readNow } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { addSystemOptions, connect, type SystemOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { examples } from '../../help.ts'
import { writeJson } from '../../terminal/json.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../../wallet/account.ts'

type ConsentOptions = SystemOptions & AccountOptions & { asset?: string; days: string }

const daysDefault = '7'
const daysMax = 366

/** A deposit that somebody else pays for: the account agrees to the key first, then anyone deposits. */
export function addConsentCommands(parent: Command, context: Context): void {
  const consent = parent
    .command('consent')
    .summary('agree to a deposit that somebody else makes for you')
    .description(
      'Sign that a deposit somebody else makes for your account may be used with a key. Sends nothing; prints what the other one needs.',
    )
    .argument('<hash>', 'hash of the key that may use the account')
    .option('--asset <asset>', 'ankr or usd; else ankr')
    .option('--days <n>', 'how long it holds', daysDefault)
    .addHelpText('before', examples('npx mooring escrow consent 0x… --days 2 > consent.json'))
  addAccountOptions(addSystemOptions(consent)).action((hash: string, options: ConsentOptions) =>
    sign(context, hash, options),
  )
  addSigningCommand(parent, context, {
    name: 'deposit-for',
    summary: 'deposit for an account that has agreed to it',
    description:
      'Deposit for an account that has agreed to it. What is deposited belongs to that account alone.',
    arguments: {
      '<file>': 'what `npx mooring escrow consent` printed for it',
      '<amount>': 'in the asset, e.g. 1000',
    },
    examples: ['npx mooring escrow deposit-for consent.json 1000 --dry-run'],
    intend: (signing, given) => intendDepositFor(context, signing, given),
  })
}

async function sign(context: Context, hash: string, options: ConsentOptions): Promise<void> {
  const keyCommitment = parseHash(hash, 'hash of a key')
  const days = /^\d{1,3}$/.test(options.days) ? Number(options.days) : 0
  if (days < 1 || days > daysMax) {
    throw new CommandError('badInput', `--days is a number from 1 to ${daysMax}.`)
  }
  const name = assetNameOf({ args: [], options })
  const system = await connect(context, options)
  const asset = system.assets[name]
  const account = await loadAccount(context, options)
  const [nonce, nowSeconds] = await Promise.all([
    readPart(system, asset.escrow, 'consentNonceOf', [account.address]),
    readNow(system),
  ])
  const deadline = nowSeconds + BigInt(days) * 86_400n
  const statement = { account: account.address, keyCommitment, nonce, deadline }
  const signature = await account.signTypedData(
    consentData(system.deployment, asset.escrow, statement),
  )
  context.stderr.write(
    `${account.address} agrees to one ${asset.symbol} deposit used by ${keyCommitment}, until ${formatDate(deadline, nowSeconds)}.\n` +
      '`npx mooring escrow key` with any hash takes it back.\n',
  )
  const { nonce: _, ...said } = statement
  writeJson(context, { asset: name, ...said, deadline: String(deadline), signature })
}

async function intendDepositFor(
  context: Context,
  { system, account, nowSeconds }: Signing,
  given: Given,
): Promise<Intent> {
  const consent = readConsent(context, argumentAt(given, 0))
  const asset = system.assets[consent.asset]
  const amount = parseAmount(argumentAt(given, 1), asset)
  const found = await readAccount(system, asset, consent.account)
  const minName = found.open ? 'topUpMin' : 'firstDepositMin'
  const minimum = await readPart(system, asset.escrow, minName, [])
  const printed = formatAsset(amount, asset)
  const payment = { asset, owner: account, spender: asset.escrow, amount } as const
  const approval = await approvalFor(system, payment)
  const { keyCommitment, deadline, signature } = consent
  const args = [consent.account, amount, keyCommitment, deadline, signature] as const
  const call = callPart(system, asset.escrow, 'depositFor', args)
  return {
    what: `Deposit ${printed} for ${consent.account}`,
    facts: [
      ['minimum', formatAsset(minimum, asset)],
      ['belongs to', `${consent.account} alone, which may take it out`],
      ['used by', keyCommitment],
      ['agreed until', formatDate(deadline, nowSeconds)],
    ],
    steps: [...approval, { ...call, label: `deposit ${printed} for ${consent.account}` }],
  }
}

function readConsent(context: Context, path: string): ConsentFile {
  const { file, text } = readInput(context, path)
  try {
    return parseConsentFile(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} is no consent: ${reason}.`, { cause })
  }
}
