import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi as abi } from '@mooring/abis/escrow'
import type { Token } from '@mooring/market/economy/ledger'
import { encodeAbiParameters, encodeFunctionData, type Hex, zeroHash } from 'viem'
import { addressWith } from '../cast.ts'
import { signatureOf, signaturesOf } from '../signatures.ts'
import { chargeProof, chargeTree } from '../trees.ts'
import type { World } from '../world.ts'
import { approval, permit } from './allowance.ts'
import type { Calling, CallTable, ContractCall } from './contract-call.ts'

type EscrowVerb =
  | 'deposit'
  | 'depositFor'
  | 'setKeyCommitment'
  | 'requestWithdraw'
  | 'cancelWithdraw'
  | 'withdrawDeposit'
  | 'postChargeRoot'
  | 'disableChargeRoot'
  | 'applyCharges'

const by = 'MooringEscrow'

export const escrowCalls: CallTable<EscrowVerb> = {
  deposit: async ({ asset, amount, keyCommitment, way }, calling) => {
    const key = addressWith(keyCommitment)
    const spending = { token: asset, spender: escrowOf(calling.world, asset), amount }
    if (way === 'permit') {
      const args = [amount, key, ...(await permit(calling, calling.caller, spending))] as const
      const data = encodeFunctionData({ abi, functionName: 'depositWithPermit', args })
      return toEscrow(calling, asset, data)
    }
    if (way === 'callback' && asset === 'ankr') return sentAlong(calling, amount, key)
    const data = encodeFunctionData({ abi, functionName: 'deposit', args: [amount, key] })
    return { ...toEscrow(calling, asset, data), before: approval(calling, spending) }
  },
  depositFor: async ({ asset, account, amount, keyCommitment, deadline, consented }, calling) => {
    const key = addressWith(keyCommitment)
    const contract = escrowOf(calling.world, asset)
    const nonce = calling.economy.escrows[asset].consentNonces.get(account) ?? 0n
    const message = { account, keyCommitment, nonce, deadline }
    const signer = consented ? account : calling.world.cast.outsider
    const consent = await signatureOf(signer, { by, contract, struct: 'Consent', message })
    const args = [addressWith(account), amount, key, deadline, consent] as const
    const data = encodeFunctionData({ abi, functionName: 'depositFor', args })
    const spending = { token: asset, spender: contract, amount }
    return { ...toEscrow(calling, asset, data), before: approval(calling, spending) }
  },
  setKeyCommitment: ({ asset, keyCommitment }, calling) => {
    const args = [addressWith(keyCommitment)] as const
    const data = encodeFunctionData({ abi, functionName: 'setKeyCommitment', args })
    return toEscrow(calling, asset, data)
  },
  requestWithdraw: ({ asset, amount }, calling) => {
    const args = [amount] as const
    const data = encodeFunctionData({ abi, functionName: 'requestWithdraw', args })
    return toEscrow(calling, asset, data)
  },
  cancelWithdraw: ({ asset }, calling) =>
    toEscrow(calling, asset, encodeFunctionData({ abi, functionName: 'cancelWithdraw' })),
  withdrawDeposit: ({ asset, to }, calling) => {
    const args = [calling.world.addressOf(to)] as const
    return toEscrow(calling, asset, encodeFunctionData({ abi, functionName: 'withdraw', args }))
  },
  postChargeRoot: async ({ asset, leaves, periodEnd, signers }, calling) => {
    const contract = escrowOf(calling.world, asset)
    const rootId = BigInt(calling.economy.escrows[asset].roots.length) + 1n
    const { root } = chargeTree(leaves)
    const message = { rootId, root, dataHash: zeroHash, periodEnd }
    const signed = { by, contract, struct: 'ChargeRoot', message } as const
    const args = [root, zeroHash, periodEnd, await signaturesOf(signers, signed)] as const
    const data = encodeFunctionData({ abi, functionName: 'postChargeRoot', args })
    return toEscrow(calling, asset, data)
  },
  disableChargeRoot: ({ asset, rootId }, calling) => {
    const args = [rootId] as const
    const data = encodeFunctionData({ abi, functionName: 'disableChargeRoot', args })
    return toEscrow(calling, asset, data)
  },
  applyCharges: ({ asset, rootId, leaves }, calling) => {
    const own = calling.economy.escrows[asset].roots[Number(rootId) - 1]?.leaves
    const proven = leaves.map((leaf) => ({
      account: addressWith(leaf.account),
      life: Number(leaf.life),
      total: leaf.total,
      proof: own === undefined ? [] : chargeProof(own, leaf),
    }))
    const args = [rootId, proven] as const
    const data = encodeFunctionData({ abi, functionName: 'applyCharges', args })
    return toEscrow(calling, asset, data)
  },
}

export function escrowOf({ parts }: World, asset: Token) {
  return asset === 'ankr' ? parts.ankrEscrow : parts.stableEscrow
}

/** By ERC-1363: the token tells the escrow what it has received. */
function sentAlong({ world }: Calling, amount: bigint, key: Hex): ContractCall {
  const named = encodeAbiParameters([{ type: 'bytes32' }], [key])
  const args = [world.parts.ankrEscrow, amount, named] as const
  const data = encodeFunctionData({ abi: ankrTokenAbi, functionName: 'transferAndCall', args })
  return { to: world.parts.ankr, data }
}

function toEscrow({ world }: Calling, asset: Token, data: Hex): ContractCall {
  return { to: escrowOf(world, asset), data }
}
