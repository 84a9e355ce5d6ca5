import { readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import type { Context } from '../../context.ts'
import { type AssetName, formatAsset, formatDate } from '../../economy/amounts.ts'
import { readAccount } from '../../economy/escrow.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import { parseAddress } from '../../economy/parsing.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { readNow } from '../../economy/readings.ts'
import { factLines } from '../../economy/signing.ts'
import type { System } from '../../economy/system.ts'

export function addEscrowShowCommand(parent: Command, context: Context): void {
  addReadingCommand<AccountView>(parent, context, {
    name: 'show',
    summary: 'show what an account has deposited',
    description: 'Show what an account has deposited, used and asked out, in both assets.',
    arguments: { '<address>': 'the account' },
    examples: ['npx mooring escrow show 0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
    read: readView,
    print: printView,
    json: (view) => view,
  })
}

type Holding = {
  asset: AssetName
  open: boolean
  balance: bigint
  spent: bigint
  periodCap: bigint
  withdrawing: bigint
  withdrawableAt: bigint
  keyCommitment: string
  life: number
}
type AccountView = { account: Address; holdings: Holding[] }

async function readView(system: System, given: Given): Promise<AccountView> {
  const account = parseAddress(argumentAt(given, 0), 'account')
  const names: readonly AssetName[] = ['ankr', 'usd']
  const holdings = await Promise.all(names.map((name) => readHolding(system, name, account)))
  return { account, holdings }
}

async function readHolding(system: System, name: AssetName, account: Address): Promise<Holding> {
  const found = await readAccount(system, system.assets[name], account)
  const periodCap = await readPart(system, system.assets[name].escrow, 'periodCapOf', [
    found.balance,
  ])
  const { open, balance, spent, withdrawing, withdrawableAt, keyCommitment, life } = found
  return {
    asset: name,
    open,
    balance,
    spent,
    periodCap,
    withdrawing,
    withdrawableAt,
    keyCommitment,
    life,
  }
}

async function printView({ account, holdings }: AccountView, system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  const parts = holdings.map((holding) => {
    const asset = system.assets[holding.asset]
    if (!holding.open) return `${asset.symbol}: no account\n`
    const leaving =
      holding.withdrawableAt === 0n
        ? 'nothing'
        : `${formatAsset(holding.withdrawing, asset)}, ${formatDate(holding.withdrawableAt, nowSeconds)}`
    return `${asset.symbol}\n${factLines([
      ['balance', formatAsset(holding.balance, asset)],
      ['charged so far', formatAsset(holding.spent, asset)],
      ['cap of a period', formatAsset(holding.periodCap, asset)],
      ['asked out', leaving],
      ['used by key', holding.keyCommitment],
    ])}`
  })
  return `${account}\n${parts.join('')}`
}
