/**
 * What the keeper asks verifiers for, before it brings a root to the chain. A verifier fetches the file with that hash from
 * the billing service of its configuration, recomputes all that comes out of it, compares it with what its own nodes say
 * of the chain, and signs what a contract takes.
 *
 * `POST /v1/settlement/signatures` takes a `SettlementWish` and answers a `SettlementAnswer`. The same wish may be asked
 * again: it is how one waits, and a refusal is looked at anew some seconds later. Failures are problem documents as of all
 * routes of a verifier: `NO_SETTLEMENT` of one that signs tokens only, `RATE_LIMITED` while too many wishes wait.
 */

export type Hex = `0x${string}`

export type SettlementWish = ChargeRootWish | EpochWish

export type ChargeRootWish = {
  kind: 'charge-root'
  asset: 'ankr' | 'usd'
  /** A decimal string. */
  rootId: string
  dataHash: Hex
}

export type EpochWish = {
  kind: 'epoch'
  /** Decimal strings. */
  epoch: string
  attempt: string
  dataHash: Hex
}

export type SettlementAnswer =
  /** It takes its time: ask again after so long. */
  | { state: 'checking'; retryAfterMs: number }
  /** @param signature - Over the typed data of the contract's statement. */
  | { state: 'signed'; signer: Hex; signature: Hex }
  /** Why it does not sign this now, in sentences or as `path: expected …, found …`; some of them where there are many. */
  | { state: 'refused'; reasons: string[] }

/**
 * Paths of the billing service, whose answers are files byte by byte: by hash, and the newest of a root or an epoch. Public.
 */
export const settlementPaths = {
  signatures: '/v1/settlement/signatures',
  chargeFile: (dataHash: Hex) => `/v1/charge-files/${dataHash}`,
  chargeFileOf: (asset: 'ankr' | 'usd', rootId: bigint) => `/v1/charge-files/${asset}/${rootId}`,
  epochFile: (dataHash: Hex) => `/v1/epoch-files/${dataHash}`,
  epochFileOf: (epoch: bigint) => `/v1/epoch-files/epoch/${epoch}`,
  /** The newest of all. */
  newestEpochFile: '/v1/epoch-files/newest',
} as const
