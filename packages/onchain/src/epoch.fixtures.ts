import type { Hex } from '@mooring/market/settlement/bytes'
import { smallInputs } from '@mooring/market/settlement/epoch.fixtures'
import {
  type Receipt,
  type ReceiptDomain,
  receiptDomainName,
  receiptFields,
  type SignedReceipt,
} from '@mooring/market/settlement/receipts'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import { type LocalAccount, padHex, stringToHex, type TypedDataDefinition, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** Keys that everybody knows, by their number. */
export function keyNumber(number: number): LocalAccount {
  return privateKeyToAccount(padHex(toHex(number), { size: 32 }))
}

/** As files have it. */
export function nameOf({ address }: Pick<LocalAccount, 'address'>): Hex {
  // Lower case leaves it what it is.
  return address.toLowerCase() as Hex
}

/** A receipt as wallets are given it, so that what is hashed here can be compared with what they sign. */
export function receiptData(
  { chainId, registry }: ReceiptDomain,
  receipt: Receipt,
): TypedDataDefinition {
  const types = receiptFields.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
  const data = {
    domain: { name: receiptDomainName, version: '1', chainId, verifyingContract: registry },
    types: { Receipt: types },
    primaryType: 'Receipt',
    message: { ...receipt, chain: stringToHex(receipt.chain, { size: 32 }) },
  }
  // viem's type forbids a name that it cannot see is none of Solidity's own.
  return data as unknown as TypedDataDefinition
}

/** Both signatures of a receipt. */
export async function signReceipt(
  domain: ReceiptDomain,
  receipt: Receipt,
  { gateway, node }: { gateway: LocalAccount; node: LocalAccount },
): Promise<SignedReceipt> {
  const data = receiptData(domain, receipt)
  const [gatewaySignature, nodeSignature] = await Promise.all([
    gateway.signTypedData(data),
    node.signTypedData(data),
  ])
  return { ...receipt, gatewaySignature, nodeSignature }
}

/** The small epoch with receipts that its gateway and nodes have signed. */
export async function signedInputs(): Promise<EpochInputs> {
  const gateway = keyNumber(1)
  const ofNode = (nodeId: bigint) => keyNumber(100 + Number(nodeId))
  const { deployment } = smallInputs
  const receipts = smallInputs.receipts.map((receipt) => {
    const { gatewaySignature: _gateway, nodeSignature: _node, ...unsigned } = receipt
    const keys = { gateway, node: ofNode(receipt.nodeId) }
    return signReceipt(deployment, { ...unsigned, gateway: nameOf(gateway) }, keys)
  })
  return {
    ...smallInputs,
    gateways: [nameOf(gateway)],
    nodes: smallInputs.nodes.map((node) => ({ ...node, keys: [nameOf(ofNode(node.nodeId))] })),
    receipts: await Promise.all(receipts),
  }
}
