import { tokenScale } from '@mooring/protocol/units'
import { perform } from '../actions.ts'
import type { Economy } from '../economy.ts'
import type { Account } from '../ledger.ts'
import { openEconomy } from '../opening.ts'
import { parameterSheet } from '../parameters/sheet.ts'
import { prologueOf } from './prologue.ts'
import type { Cast } from './scene.ts'

/** Addresses that are told apart by their last digits, in ascending order. */
const accounts = (first: number, count: number): Account[] =>
  Array.from({ length: count }, (_, place) => `0x${(first + place).toString(16).padStart(40, '0')}`)

const account = (number: number): Account => `0x${number.toString(16).padStart(40, '0')}`

export const testCast: Cast = {
  owners: accounts(0x100, 3),
  delegators: accounts(0x200, 4),
  consumers: accounts(0x300, 4),
  signers: accounts(0x400, 6),
  nodeKeys: accounts(0x500, 16),
  outsider: account(0x900),
  indemnifier: account(0x901),
}

export const start = 1_700_000_000n

/** An economy just deployed, in which everybody has tokens. */
export function stageEconomy(): Economy {
  const { owners, delegators, consumers, signers, outsider } = testCast
  const people = [...owners, ...delegators, ...consumers, ...signers, outsider]
  const set = { members: signers.slice(0, 4), threshold: 3n }
  const ankr = people.map((person) => [person, 5_000_000n * tokenScale] as const)
  const stable = consumers.map((person) => [person, 10n ** 13n] as const)
  return openEconomy({
    start,
    sheet: parameterSheet,
    roles: {
      governor: account(0x800),
      guardian: account(0x801),
      admissions: account(0x802),
      slasher: account(0x803),
    },
    treasury: account(0x804),
    recipients: {
      Treasury: account(0x805),
      Grants: account(0x806),
      Auditors: account(0x807),
      Protection: account(0x808),
    },
    ankrBurnable: true,
    rate: 25_000_000_000_000_000n,
    stableDecimals: 6n,
    sets: { Verifier: set, Gateway: set, RateSigner: set },
    waitingMax: 64,
    purses: {
      ankr: new Map([...ankr, [account(0x901), 1_000_000n * tokenScale]]),
      stable: new Map(stable),
    },
  })
}

/** The same after what a network does first: two providers with a node and a delegator each, two consumers. */
export function begunEconomy(): Economy {
  const opening = stageEconomy()
  return prologueOf(opening, testCast).reduce(
    (economy, action) => perform(economy, action, economy.now + 1n).economy,
    opening,
  )
}
