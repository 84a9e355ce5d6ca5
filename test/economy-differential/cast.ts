import type { Account } from '@mooring/market/economy/ledger'
import type { Cast } from '@mooring/market/economy/sequence/scene'
import { type Hex, isHex, keccak256, toHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** Everybody who acts or signs, with a key that is known. */
export type Keyring = ReadonlyMap<Account, PrivateKeyAccount>

const counts = { owner: 3, delegator: 4, consumer: 4, signer: 6, nodeKey: 16, outsider: 1 } as const
type Group = keyof typeof counts

const people = Object.fromEntries(
  Object.entries(counts).map(([group, count]) => [
    group,
    Array.from({ length: count }, (_, place) => personOf(`${group} ${place}`)).sort(byAddress),
  ]),
  // Every name of the table has been given its people.
) as Record<Group, PrivateKeyAccount[]>

export const keyring: Keyring = new Map(
  Object.values(people)
    .flat()
    .map((person) => [accountOf(person.address), person]),
)

/** @param indemnifier - The contract that covers losses. */
export function createCast(indemnifier: Account): Cast {
  const accounts = (group: Group) => people[group].map(({ address }) => accountOf(address))
  const [outsider = ''] = accounts('outsider')
  return {
    owners: accounts('owner'),
    delegators: accounts('delegator'),
    consumers: accounts('consumer'),
    signers: accounts('signer'),
    nodeKeys: accounts('nodeKey'),
    outsider,
    indemnifier,
  }
}

/** The roles that are keys or contracts of their own, and who receives shares of the fees. */
export const offices = {
  bank: officeOf('bank'),
  proposer: officeOf('proposer'),
  guardian: officeOf('guardian'),
  admissions: officeOf('admissions'),
  slasher: officeOf('slasher'),
  treasury: officeOf('treasury'),
  grants: officeOf('grants'),
  auditors: officeOf('auditors'),
  protection: officeOf('protection'),
} as const

/** As the model writes addresses. */
export function accountOf(address: string): Account {
  return address.toLowerCase()
}

export function personWith(account: Account): PrivateKeyAccount {
  const person = keyring.get(account)
  if (person === undefined) throw new RangeError(`nobody knows the key of ${account}`)
  return person
}

function personOf(name: string): PrivateKeyAccount {
  return privateKeyToAccount(keccak256(toHex(name)))
}

function officeOf(name: string): Hex {
  return personOf(`office of ${name}`).address
}

function byAddress(one: PrivateKeyAccount, other: PrivateKeyAccount): number {
  return BigInt(one.address) < BigInt(other.address) ? -1 : 1
}

/** For viem, which wants an address to look like one. */
export function addressWith(account: Account): Hex {
  if (!isHex(account, { strict: true })) throw new RangeError(`${account} is no address`)
  return account
}
