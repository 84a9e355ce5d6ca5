import { callPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAsset, formatDate, lesserOf, parseAmount } from '../../economy/amounts.ts'
import { assetOf, assetOption, readAccount } from '../../economy/escrow.ts'
import { type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress } from '../../economy/parsing.ts'
import { readParam } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'

export function addEscrowWithdrawCommands(parent: Command, context: Context): void {
  addSigningCommand(parent, context, {
    name: 'request',
    summary: 'begin to take money out',
    description:
      'Begin to take money out. It waits, so that what was used before can still be charged; nobody can refuse it.',
    arguments: { '[amount]': 'in the asset; or --all' },
    options: { ...assetOption, '--all': 'the whole balance, which ends the account' },
    examples: ['npx mooring escrow request 500', 'npx mooring escrow request --all --asset usd'],
    intend: intendRequest,
  })
  addSigningCommand(parent, context, {
    name: 'cancel',
    summary: 'leave the money in after all',
    description: 'Leave in what was asked out, so that it pays for requests again.',
    options: assetOption,
    examples: ['npx mooring escrow cancel'],
    intend: intendCancel,
  })
  addSigningCommand(parent, context, {
    name: 'withdraw',
    summary: 'take out what was asked for, once it has waited',
    description: 'Take out what was asked for once it has waited, or what charges have left of it.',
    options: {
      ...assetOption,
      '--to <address>': 'who receives it; else the account that signs',
    },
    examples: ['npx mooring escrow withdraw', 'npx mooring escrow withdraw --asset usd --dry-run'],
    intend: intendWithdraw,
  })
}

async function intendRequest(signing: Signing, given: Given): Promise<Intent> {
  const { system, account, nowSeconds } = signing
  const asset = assetOf(system, given)
  const text = given.args[0]
  if ((text === undefined) !== (given.options.all === true)) {
    throw new CommandError('badInput', `Say either how much, in ${asset.symbol}, or --all.`)
  }
  const { balance } = await readAccount(system, asset, account)
  const amount = text === undefined ? balance : parseAmount(text, asset)
  if (amount === 0n || amount > balance) {
    throw new CommandError(
      'badInput',
      `There are ${formatAsset(balance, asset)} to take out, and ${formatAsset(amount, asset)} were asked for.`,
    )
  }
  const delay = await readParam(system, 'WithdrawDelaySeconds')
  const printed = formatAsset(amount, asset)
  const call = callPart(system, asset.escrow, 'requestWithdraw', [amount])
  return {
    what: `Ask ${printed} out`,
    facts: [
      ['left in', formatAsset(balance - amount, asset)],
      [
        'can be taken',
        `${formatDate(nowSeconds + delay, nowSeconds)}, by \`npx mooring escrow withdraw\``,
      ],
      ['until then', 'what was used before is still charged; gateways count on the rest alone'],
    ],
    steps: [{ ...call, label: `ask ${printed} out` }],
  }
}

async function intendCancel({ system, account }: Signing, given: Given): Promise<Intent> {
  const asset = assetOf(system, given)
  const { withdrawing } = await readAccount(system, asset, account)
  const printed = formatAsset(withdrawing, asset)
  const call = callPart(system, asset.escrow, 'cancelWithdraw', [])
  return {
    what: `Leave ${printed} in`,
    facts: [['asked out', printed]],
    steps: [{ ...call, label: 'take the request back' }],
  }
}

async function intendWithdraw(signing: Signing, given: Given): Promise<Intent> {
  const { system, account, nowSeconds } = signing
  const asset = assetOf(system, given)
  const to = parseAddress(optionOf(given, 'to') ?? account, 'receiver')
  const found = await readAccount(system, asset, account)
  if (found.withdrawableAt === 0n) {
    throw new CommandError(
      'badInput',
      'Nothing was asked out: `npx mooring escrow request AMOUNT` does, and then it waits.',
    )
  }
  const amount = lesserOf(found.withdrawing, found.balance)
  const printed = formatAsset(amount, asset)
  const call = callPart(system, asset.escrow, 'withdraw', [to])
  return {
    what: `Take ${printed} out`,
    facts: [
      ['asked for', formatAsset(found.withdrawing, asset)],
      ['can be taken', formatDate(found.withdrawableAt, nowSeconds)],
      ['paid to', to],
      ['left in', formatAsset(found.balance - amount, asset)],
    ],
    steps: [{ ...call, label: `withdraw ${printed}` }],
  }
}
