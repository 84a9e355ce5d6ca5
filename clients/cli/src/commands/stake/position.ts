import { readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { type Address, isAddressEqual, zeroAddress } from 'viem'
import type { Context } from '../../context.ts'
import { formatAnkr, formatDate } from '../../economy/amounts.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import { parseAddress } from '../../economy/parsing.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { readNow, type StakeKind, stakeKinds } from '../../economy/readings.ts'
import type { System } from '../../economy/system.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

const columns: readonly Column[] = [
  { title: 'PROVIDER', align: 'right' },
  { title: 'KIND', align: 'left' },
  { title: 'STAKED', align: 'right' },
  { title: 'EARNED', align: 'right' },
  { title: 'REQUEST', align: 'right' },
  { title: 'LEAVES', align: 'right' },
  { title: 'CAN BE TAKEN', align: 'left' },
]

type Position = {
  providerId: bigint
  kind: StakeKind
  staked: bigint
  earned: bigint
  requests: { id: bigint; value: bigint; withdrawableAt: bigint }[]
}
type Positions = { account: Address; positions: Position[] }

export function addPositionCommand(program: Command, context: Context): void {
  addReadingCommand<Positions>(program, context, {
    name: 'position',
    summary: 'show what an account has staked, earned and on its way out',
    description:
      'Show what an account has staked with each provider, what that has earned and what is on its way out.',
    arguments: { '<address>': 'the account' },
    examples: ['npx mooring position 0x70997970C51812dc3A010C7d01b50e0d17dc79C8'],
    read: readPositions,
    print: printPositions,
    json: (answer) => answer,
  })
}

async function readPositions(system: System, given: Given): Promise<Positions> {
  const account = parseAddress(argumentAt(given, 0), 'account')
  const count = await readPart(system, 'registry', 'providerCount', [])
  const positions: Position[] = []
  for (let providerId = 1n; providerId <= count; providerId++) {
    const owner = await readPart(system, 'registry', 'ownerOf', [providerId])
    const owned: StakeKind[] = isAddressEqual(owner, account) ? ['self'] : []
    for (const kind of [...owned, 'delegated'] as const) {
      const position = await readPosition(system, providerId, kind, account)
      if (!isEmpty(position)) positions.push(position)
    }
  }
  return { account, positions }
}

async function readPosition(
  system: System,
  providerId: bigint,
  kind: StakeKind,
  account: Address,
): Promise<Position> {
  const holder = kind === 'self' ? zeroAddress : account
  const key = [providerId, stakeKinds[kind], holder] as const
  const [staked, earned, open] = await Promise.all([
    readPart(system, 'pool', 'stakeOf', key),
    kind === 'self' ? 0n : readPart(system, 'pool', 'earned', [providerId, account]),
    readPart(system, 'pool', 'openRequestsOf', key),
  ])
  const requests = await Promise.all(
    open.map(async (id) => {
      const [{ withdrawableAt }, value] = await Promise.all([
        readPart(system, 'pool', 'requestOf', [id]),
        readPart(system, 'pool', 'requestValueOf', [id]),
      ])
      return { id, value, withdrawableAt }
    }),
  )
  return { providerId, kind, staked, earned, requests }
}

function isEmpty({ staked, earned, requests }: Position): boolean {
  return staked === 0n && earned === 0n && requests.length === 0
}

async function printPositions({ account, positions }: Positions, system: System): Promise<string> {
  if (positions.length === 0) return `${account} has nothing staked, earned or on its way out.\n`
  const nowSeconds = await readNow(system)
  const rows = positions.flatMap(({ providerId, kind, staked, earned, requests }) => [
    [String(providerId), kind, formatAnkr(staked), kind === 'self' ? '' : formatAnkr(earned)],
    ...requests.map(({ id, value, withdrawableAt }) => [
      ...[String(providerId), kind, '', '', String(id), formatAnkr(value)],
      formatDate(withdrawableAt, nowSeconds),
    ]),
  ])
  return formatTable(columns, rows)
}
