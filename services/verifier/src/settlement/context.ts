import type { Deployment } from '@mooring/onchain/deployment'
import type { TypedDataDefinition } from 'viem'
import type { Sources } from '../chain/sources.ts'
import type { Claim, SettlementSignatures } from '../state/settlement-signatures.ts'

/** What a check of a root needs. */
export type SettlementContext = {
  sources: Sources
  deployment: Deployment
  signatures: SettlementSignatures
  billingUrl: string
  /** How long a file may take to come. */
  fileTimeoutMs: number
  /** How long the sources may take to be compared with a whole epoch. */
  chainTimeoutMs: number
  /** Under so many blocks nothing is expected to change any more. */
  depthBlocks: number
}

/** What may be signed, once its place is claimed. */
export type Checked = { data: TypedDataDefinition; claim(): Claim }
