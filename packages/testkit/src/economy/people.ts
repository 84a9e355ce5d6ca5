import { ascending } from '@mooring/onchain/signed'
import type { Hex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { toHex } from 'viem/utils'
import { anvilAccount } from '../anvil.ts'

/**
 * Who plays which part in a local economy, by the number of its account under anvil's mnemonic. Their keys are known
 * to everyone. Accounts 1 to 8 are for people who try things out, and hold tokens.
 */
const offices = {
  holder: 10,
  deployer: 11,
  governor: 12,
  guardian: 13,
  admissions: 14,
  slasher: 15,
  grants: 16,
  auditors: 17,
  protection: 18,
  keeper: 19,
} as const
export type Office = keyof typeof offices
export const officeNames = Object.keys(offices) as Office[]

/** Accounts of anvil that hold tokens of both kinds and nothing else. */
export const playerNumbers = [1, 2, 3, 4, 5, 6, 7, 8] as const

const services = { verifier: 20, gateway: 23, rateSigner: 26 } as const
export type Service = keyof typeof services
export const membersEach = 3
export const thresholdEach = 2

export type Person = HDAccount

export function officer(office: Office): Person {
  return accountAt(offices[office])
}

export function player(number: number): Person {
  return accountAt(number)
}

/** Members of a signer set, in ascending order of address, as signatures have to come. */
export function membersOf(service: Service): Person[] {
  const first = services[service]
  return ascending(Array.from({ length: membersEach }, (_, at) => accountAt(first + at)))
}

export function privateKeyOf(person: Person): Hex {
  const key = person.getHdKey().privateKey
  if (key === null) throw new Error(`${person.address} has no private key`)
  return toHex(key)
}

function accountAt(addressIndex: number): Person {
  return mnemonicToAccount(anvilAccount.mnemonic, { addressIndex })
}
