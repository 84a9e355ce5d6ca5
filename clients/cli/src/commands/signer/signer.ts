import { callPart, readPart } from '@mooring/onchain/contracts'
import { signerRoleNames } from '@mooring/onchain/deploy/settings'
import type { Command } from 'commander'
import type { Address } from 'viem'
import type { Context } from '../../context.ts'
import {
  ankrAsset,
  formatAnkr,
  formatDate,
  formatSpan,
  parseAmount,
} from '../../economy/amounts.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { parseAddress } from '../../economy/parsing.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { approvalFor, readNow, readParam } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

const columns: readonly Column[] = [
  { title: 'SET', align: 'left' },
  { title: 'NEEDED', align: 'right' },
  { title: 'MEMBER', align: 'left' },
  { title: 'BOND', align: 'right' },
  { title: 'LEAVES', align: 'left' },
]

export function addSignerCommand(program: Command, context: Context): void {
  const signer = program
    .command('signer')
    .summary('look at the services whose signatures count, and handle their bonds')
    .description(
      'Look at the verifiers, gateways and rate signers whose signatures the contracts accept, and handle their bonds.',
    )
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring signer list'))
  addReadingCommand<SetView[]>(signer, context, {
    name: 'list',
    summary: 'list the members of each set',
    description: 'List the members of each set, how many of them must agree, and their bonds.',
    examples: ['npx mooring signer list'],
    read: readSets,
    print: printSets,
    json: (sets) => ({ sets }),
  })
  addSigningCommand(signer, context, {
    name: 'bond',
    summary: 'add to the bond of a signer',
    description: 'Add to the bond of a signer, paid by the account that signs.',
    arguments: { '<signer>': 'its address', '<amount>': 'ANKR' },
    examples: ['npx mooring signer bond 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 10000'],
    intend: intendBond,
  })
  addSigningCommand(signer, context, {
    name: 'install',
    summary: 'put an announced set in force',
    description: 'Put an announced set in force, once its delay is over and all bonds are there.',
    arguments: { '<set>': signerRoleNames.join(', ') },
    examples: ['npx mooring signer install verifier'],
    intend: intendInstall,
  })
  addExitCommands(signer, context)
}

function addExitCommands(signer: Command, context: Context): void {
  addSigningCommand(signer, context, {
    name: 'exit',
    summary: 'begin to take your own bond out',
    description: 'Begin to take your own bond out, once you are in no set.',
    examples: ['npx mooring signer exit --dry-run'],
    intend: async ({ system, account }) => {
      const [[bond], delay] = await Promise.all([
        readPart(system, 'signerSets', 'bondOf', [account]),
        readParam(system, 'SignerExitSeconds'),
      ])
      if (bond === 0n) throw new CommandError('badInput', `${account} has no bond.`)
      return {
        what: `Begin to take the bond of ${formatAnkr(bond)} out`,
        facts: [['can be taken', `after ${formatSpan(delay)}, by \`npx mooring signer withdraw\``]],
        steps: [
          { ...callPart(system, 'signerSets', 'requestBondExit', []), label: 'begin to leave' },
        ],
      }
    },
  })
  addSigningCommand(signer, context, {
    name: 'withdraw',
    summary: 'take your own bond out, once it has waited',
    description: 'Take your own bond out, once it has waited.',
    options: { '--to <address>': 'who receives it; else the account that signs' },
    examples: ['npx mooring signer withdraw'],
    intend: async ({ system, account }, given) => {
      const to = parseAddress(optionOf(given, 'to') ?? account, 'receiver')
      const [bond] = await readPart(system, 'signerSets', 'bondOf', [account])
      const call = callPart(system, 'signerSets', 'withdrawBond', [to])
      return {
        what: `Take the bond of ${formatAnkr(bond)} out`,
        facts: [['paid to', to]],
        steps: [{ ...call, label: 'withdraw the bond' }],
      }
    },
  })
}

type Member = { address: Address; bond: bigint; withdrawableAt: bigint }
type SetView = { set: string; threshold: number; members: Member[] }

async function readSets(system: System): Promise<SetView[]> {
  return Promise.all(
    signerRoleNames.map(async (set, at) => {
      const [addresses, threshold] = await readPart(system, 'signerSets', 'membersOf', [at + 1])
      const members = await Promise.all(
        addresses.map(async (address) => {
          const [bond, withdrawableAt] = await readPart(system, 'signerSets', 'bondOf', [address])
          return { address, bond, withdrawableAt }
        }),
      )
      return { set, threshold, members }
    }),
  )
}

async function printSets(sets: SetView[], system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  const rows = sets.flatMap(({ set, threshold, members }) =>
    members.map(({ address, bond, withdrawableAt }) => [
      set,
      `${threshold} of ${members.length}`,
      address,
      formatAnkr(bond),
      withdrawableAt === 0n ? '' : formatDate(withdrawableAt, nowSeconds),
    ]),
  )
  return rows.length === 0 ? 'No set is in force yet.\n' : formatTable(columns, rows)
}

async function intendBond({ system, account }: Signing, given: Given): Promise<Intent> {
  const signer = parseAddress(argumentAt(given, 0), 'signer')
  const amount = parseAmount(argumentAt(given, 1), ankrAsset)
  const payment = { asset: ankrAsset, owner: account, spender: 'signerSets', amount } as const
  const approval = await approvalFor(system, payment)
  const [[bond], needed] = await Promise.all([
    readPart(system, 'signerSets', 'bondOf', [signer]),
    readParam(system, 'SignerBond'),
  ])
  const call = callPart(system, 'signerSets', 'depositBond', [signer, amount])
  return {
    what: `Add ${formatAnkr(amount)} to the bond of ${signer}`,
    facts: [
      ['bond now', formatAnkr(bond)],
      ['needed', formatAnkr(needed)],
      ['risk', 'it can be slashed for what the signer signs, also while it leaves'],
    ],
    steps: [...approval, { ...call, label: `bond ${formatAnkr(amount)}` }],
  }
}

async function intendInstall({ system, nowSeconds }: Signing, given: Given): Promise<Intent> {
  const name = argumentAt(given, 0)
  const names: readonly string[] = signerRoleNames
  const at = names.indexOf(name)
  if (at < 0) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(name)} is no set: it is one of ${signerRoleNames.join(', ')}.`,
    )
  }
  const args = [at + 1] as const
  const [members, threshold, from] = await readPart(system, 'signerSets', 'announcedOf', args)
  return {
    what: `Put the announced set of ${name}s in force`,
    facts: [
      ['needed', `${threshold} of ${members.length}`],
      ['members', members.join(', ')],
      ['from', formatDate(from, nowSeconds)],
    ],
    steps: [
      { ...callPart(system, 'signerSets', 'installSet', args), label: `install the ${name}s` },
    ],
  }
}
