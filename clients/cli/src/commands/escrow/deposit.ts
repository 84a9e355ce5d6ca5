import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { type Hex, zeroHash } from 'viem'
import type { Context } from '../../context.ts'
import { formatAsset, formatSpan, parseAmount } from '../../economy/amounts.ts'
import { assetOf, assetOption, readAccount } from '../../economy/escrow.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseHash } from '../../economy/parsing.ts'
import { approvalFor, readParam } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'

export function addDepositCommands(parent: Command, context: Context): void {
  addSigningCommand(parent, context, {
    name: 'deposit',
    summary: 'deposit what requests are paid from',
    description:
      'Deposit what requests are paid from. The first deposit names the key that may use it, and has a higher minimum.',
    arguments: { '<amount>': 'in the asset, e.g. 1000' },
    options: {
      ...assetOption,
      '--key-commitment <hash>': 'hash of the key that may use the account; kept when left out',
    },
    examples: ['npx mooring escrow deposit 1000 --asset ankr --key-commitment 0x… --dry-run'],
    intend: intendDeposit,
  })
  addSigningCommand(parent, context, {
    name: 'key',
    summary: 'name another key that may use the account',
    description:
      'Name another key that may use the account, and void every consent given before. Both escrows keep their own.',
    arguments: { '<hash>': 'hash of the key' },
    options: assetOption,
    examples: ['npx mooring escrow key 0x… --asset ankr'],
    intend: intendKey,
  })
}

/** @param given - The amount; the options `asset` and `keyCommitment`. */
export async function intendDeposit({ system, account }: Signing, given: Given): Promise<Intent> {
  const asset = assetOf(system, given)
  const amount = parseAmount(argumentAt(given, 0), asset)
  const named = optionOf(given, 'keyCommitment')
  const key = named === undefined ? zeroHash : parseHash(named, 'hash of a key')
  const found = await readAccount(system, asset, account)
  assertNamesKey(key, found)
  const minName = found.open ? 'topUpMin' : 'firstDepositMin'
  const [minimum, delay] = await Promise.all([
    readPart(system, asset.escrow, minName, []),
    readParam(system, 'WithdrawDelaySeconds'),
  ])
  const printed = formatAsset(amount, asset)
  const payment = { asset, owner: account, spender: asset.escrow, amount } as const
  const approval = await approvalFor(system, payment)
  const call = callPart(system, asset.escrow, 'deposit', [amount, key])
  return {
    what: `Deposit ${printed}`,
    facts: [
      ['minimum', formatAsset(minimum, asset)],
      ['balance after', formatAsset(found.balance + amount, asset)],
      ['used by', key === zeroHash ? `the key named before, ${found.keyCommitment}` : key],
      ...(isReplaced(key, found) ? [['no longer by', found.keyCommitment] as const] : []),
      ['to take it out', `\`npx mooring escrow request\`, then wait ${formatSpan(delay)}`],
    ],
    steps: [...approval, { ...call, label: `deposit ${printed}` }],
  }
}

function isReplaced(key: Hex, { keyCommitment }: { keyCommitment: Hex }): boolean {
  return key !== zeroHash && keyCommitment !== zeroHash && key !== keyCommitment
}

function assertNamesKey(key: Hex, { keyCommitment }: { keyCommitment: Hex }): void {
  if (key !== zeroHash || keyCommitment !== zeroHash) return
  throw new CommandError(
    'badInput',
    'The first deposit names the key that may use it: add --key-commitment with the hash of that key.',
  )
}

async function intendKey({ system, account }: Signing, given: Given): Promise<Intent> {
  const asset = assetOf(system, given)
  const key = parseHash(argumentAt(given, 0), 'hash of a key')
  const { keyCommitment } = await readAccount(system, asset, account)
  const call = callPart(system, asset.escrow, 'setKeyCommitment', [key])
  return {
    what: `Let another key use the ${asset.symbol} account of ${account}`,
    facts: [
      ['until now', keyCommitment === zeroHash ? 'none' : keyCommitment],
      ['from now on', key],
    ],
    steps: [{ ...call, label: 'name the key' }],
  }
}
