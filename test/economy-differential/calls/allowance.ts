import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import type { Account, Token } from '@mooring/market/economy/ledger'
import { type Address, encodeFunctionData, erc20Abi, parseSignature } from 'viem'
import { signatureOf } from '../signatures.ts'
import type { Calling, ContractCall } from './contract-call.ts'

type Spending = { token: Token; spender: Address; amount: bigint }

const permitNames: Record<Token, string> = { ankr: 'Ankr', stable: 'Test Dollar' }
const hour = 3_600n

/** Allows a contract to take exactly this much. */
export function approval(
  { world }: Calling,
  { token, spender, amount }: Spending,
): NonNullable<ContractCall['before']> {
  const args = [spender, amount] as const
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args })
  return [{ to: world.parts[token], data }]
}

/** The same by a signature, which the contract hands to the token. */
export async function permit(
  { world, now }: Calling,
  owner: Account,
  { token, spender, amount: value }: Spending,
) {
  const contract = world.parts[token]
  const nonce = await world.reader.readContract({
    address: contract,
    abi: ankrTokenAbi,
    functionName: 'nonces',
    args: [world.addressOf(owner)],
  })
  const deadline = now + hour
  const message = { owner: world.addressOf(owner), spender, value, nonce, deadline }
  const by = permitNames[token]
  const signature = await signatureOf(owner, { by, contract, struct: 'Permit', message })
  const { r, s, yParity } = parseSignature(signature)
  return [deadline, 27 + yParity, r, s] as const
}
