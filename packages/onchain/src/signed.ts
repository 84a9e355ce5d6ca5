import type { Address, Hex, LocalAccount, TypedDataDefinition } from 'viem'
import type { PartName } from './deploy/plan.ts'
import type { Deployment } from './deployment.ts'

/** What people and services sign for the contracts, as EIP-712 typed data. The types are those of the contracts. */

type EscrowName = 'ankrEscrow' | 'stableEscrow'

/** How much every account has used up to the end of a charge period. */
export type ChargeRootStatement = {
  /** The next one of that escrow, counted from 1. */
  rootId: bigint
  root: Hex
  /** Hash of the data file that the root is recomputed from. */
  dataHash: Hex
  /** In seconds. */
  periodEnd: bigint
}

export function chargeRootData(
  deployment: Deployment,
  escrow: EscrowName,
  message: ChargeRootStatement,
): TypedDataDefinition {
  return statement(deployment, escrow, {
    primaryType: 'ChargeRoot',
    fields: 'uint64 rootId,bytes32 root,bytes32 dataHash,uint64 periodEnd',
    message,
  })
}

/** What verifiers recomputed for a closed epoch; sums are over all epochs, in base units of ANKR. */
export type EpochStatement = {
  epoch: bigint
  /** The contract's count of posts ever made. */
  attempt: bigint
  chargesRoot: Hex
  payoutsRoot: Hex
  performanceRoot: Hex
  receiptsRoot: Hex
  tariffHash: Hex
  dataHash: Hex
  payoutsTotal: bigint
  withheldTotal: bigint
}

export function epochData(deployment: Deployment, message: EpochStatement): TypedDataDefinition {
  return statement(deployment, 'epochs', {
    primaryType: 'EpochRoots',
    fields:
      'uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal',
    message,
  })
}

/** One rate signer's quote: USD per ANKR times 1e18, and the second it was true. */
export type QuoteStatement = { usdPerAnkr: bigint; observedAt: bigint }

export function quoteData(deployment: Deployment, message: QuoteStatement): TypedDataDefinition {
  return statement(deployment, 'rateFeed', {
    primaryType: 'Quote',
    fields: 'uint256 usdPerAnkr,uint64 observedAt',
    message,
  })
}

/** Signed by a node's key: that it belongs to this provider. */
export type NodeKeyStatement = { providerId: bigint; signingKey: Address }

export function nodeKeyData(
  deployment: Deployment,
  message: NodeKeyStatement,
): TypedDataDefinition {
  return statement(deployment, 'registry', {
    primaryType: 'NodeKey',
    fields: 'uint64 providerId,address signingKey',
    message,
  })
}

/**
 * Signed by a node's key: where it takes requests, and how. The URL is the one whose hash the node's profile has on chain, so
 * that it takes the provider and the key of the node to send traffic anywhere.
 */
export type EndpointStatement = {
  nodeId: bigint
  url: string
  /** Whether the node's agent stands before it. */
  agent: boolean
  /** Whether the node serves requests that nobody pays for. */
  community: boolean
}

export function endpointData(
  deployment: Deployment,
  message: EndpointStatement,
): TypedDataDefinition {
  return statement(deployment, 'registry', {
    primaryType: 'Endpoint',
    fields: 'uint64 nodeId,string url,bool agent,bool community',
    message,
  })
}

/** Signed by who receives a deposit that somebody else makes: with which key it may be used. */
export type ConsentStatement = {
  account: Address
  keyCommitment: Hex
  nonce: bigint
  /** In seconds. */
  deadline: bigint
}

export function consentData(
  deployment: Deployment,
  escrow: EscrowName,
  message: ConsentStatement,
): TypedDataDefinition {
  return statement(deployment, escrow, {
    primaryType: 'Consent',
    fields: 'address account,bytes32 keyCommitment,uint256 nonce,uint256 deadline',
    message,
  })
}

/** Signatures of several accounts over the same, in ascending order of address, as contracts take them. */
export async function signAll(
  signers: readonly LocalAccount[],
  data: TypedDataDefinition,
): Promise<Hex[]> {
  return Promise.all(ascending(signers).map((signer) => signer.signTypedData(data)))
}

export function ascending<T extends { address: Address }>(accounts: readonly T[]): T[] {
  return [...accounts].sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1))
}

const domainNames = {
  ankrEscrow: 'MooringEscrow',
  stableEscrow: 'MooringEscrow',
  epochs: 'MooringEpochManager',
  rateFeed: 'MooringRateFeed',
  registry: 'MooringProviderRegistry',
} as const satisfies Partial<Record<PartName, string>>

function statement(
  { chainId, parts }: Deployment,
  part: keyof typeof domainNames,
  {
    primaryType,
    fields,
    message,
  }: { primaryType: string; fields: string; message: Record<string, unknown> },
): TypedDataDefinition {
  const types = fields.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
  const data = {
    domain: { name: domainNames[part], version: '1', chainId, verifyingContract: parts[part] },
    types: { [primaryType]: types },
    primaryType,
    message,
  }
  // viem's type forbids a name that it cannot see is none of Solidity's own.
  return data as unknown as TypedDataDefinition
}
