import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import {
  type AccessKey,
  accessKeyOf,
  createDeliveryKey,
  signTokenRequest,
} from '@mooring/onchain/access-tokens'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { TokenAmount } from '@mooring/protocol/units'
import { domainOf, tokenFrom } from '../verifier-seats.ts'
import type { Verifiers } from '../verifiers.ts'
import type { Deposit, DepositChain } from './deposit-chain.ts'
import { officer, player, playerNumbers } from './people.ts'

/** An account that has deposited ANKR, and holds a key that gateways know. */
export type Customer = { number: number; account: string; key: string }

/** Accounts beside the players have these numbers, which nobody else has. */
const firstNumber = 1_000
const gasMoneyWei = `0x${(10n ** 20n).toString(16)}`
/** What a token waits for, and what it takes until a deposit is final. */
const blocksAfter = 16
/** All verifiers work at each, and none must keep the others waiting. */
const tokensAtOnce = 6

/** Makes accounts that each deposit the same, and gets a token for each from verifiers. */
export async function openCustomers(
  chain: DepositChain,
  { processes }: Pick<Verifiers, 'processes'>,
  { count, amount }: { count: number; amount: TokenAmount },
): Promise<Customer[]> {
  const numbers = Array.from({ length: count }, (_, at) => playerNumbers[at] ?? firstNumber + at)
  await equip(chain, numbers, amount)
  const deposits = await Promise.all(
    numbers.map(async (number) => {
      const access = accessKeyOf(crypto.getRandomValues(new Uint8Array(32)))
      const deposit = await chain.deposit(number, { amount, key: access.commitment })
      return { number, access, deposit }
    }),
  )
  await chain.anvil.mine(blocksAfter)
  const customers: Customer[] = []
  for (let at = 0; at < deposits.length; at += tokensAtOnce) {
    const some = deposits.slice(at, at + tokensAtOnce)
    await Promise.all(
      some.map((one, place) => getToken(chain, processes[(at + place) % processes.length], one)),
    )
    for (const { number, access } of some) {
      const { chainId } = chain.system.deployment
      const account = accountNameOf(chainId, player(number).address)
      customers.push({ number, account, key: access.key })
    }
  }
  return customers
}

/** Asks a part of a deposit out of the escrow, which is paid much later. */
export async function askOut(
  chain: DepositChain,
  { number }: Pick<Customer, 'number'>,
  amount: TokenAmount,
): Promise<void> {
  const { status } = await chain.send(player(number).address, {
    to: chain.ankrEscrow,
    abi: escrowAbi,
    functionName: 'requestWithdraw',
    args: [amount],
  })
  if (status !== 'success') throw new Error(`${amount} could not be asked out`)
}

/** Players have tokens; others are given gas and tokens, and anvil signs for them. */
async function equip(
  chain: DepositChain,
  numbers: readonly number[],
  amount: TokenAmount,
): Promise<void> {
  const others = numbers.filter((number) => number >= firstNumber)
  const { ankr } = chain.system.deployment.parts
  const transfer = { to: ankr, abi: ankrTokenAbi, functionName: 'transfer' } as const
  for (const { address } of [officer('holder'), ...others.map(player)]) {
    await chain.anvil.ask('anvil_impersonateAccount', [address])
  }
  for (const { address } of others.map(player)) {
    await chain.anvil.ask('anvil_setBalance', [address, gasMoneyWei])
    await chain.send(officer('holder').address, { ...transfer, args: [address, amount] })
  }
}

async function getToken(
  chain: DepositChain,
  verifier: { url: string } | undefined,
  { number, access, deposit }: { number: number; access: AccessKey; deposit: Deposit },
): Promise<void> {
  if (verifier === undefined) throw new Error('there are no verifiers')
  const { transactionHash, logIndex } = deposit
  const delivery = await createDeliveryKey()
  const wish = {
    ...{ transactionHash, logIndex, keyCommitment: access.commitment },
    ...{ delivery: 'key' as const, deliverTo: delivery.publicKey },
  }
  const request = await signTokenRequest(domainOf(chain), player(number), wish, Date.now())
  await tokenFrom(verifier, { request, access, delivery })
}
