import type { Database } from 'bun:sqlite'
import type { Hex } from 'viem'

/** What was claimed, or which other file has the place. */
export type Claim = { ok: true } | { ok: false; dataHash: Hex }

/** Times are in seconds. */
export type ChargeRootClaim = { escrow: Hex; rootId: bigint; dataHash: Hex; periodEnd: bigint }
export type EpochClaim = { epochs: Hex; epoch: bigint; attempt: bigint; dataHash: Hex }

/**
 * What this verifier has signed for contracts. A claim is on disk when it returns, and comes before the signature leaves:
 * two that differ could both be brought to the chain by whoever has them.
 */
export type SettlementSignatures = {
  /**
   * One file for each root of an escrow.
   *
   * @param canBePosted - Whether the escrow could still take a root whose period ended then. Once it cannot, another file
   * may have the place.
   */
  claimChargeRoot(claim: ChargeRootClaim, canBePosted: (periodEnd: bigint) => boolean): Claim
  /** One file for each attempt to post an epoch, for ever. */
  claimEpoch(claim: EpochClaim): Claim
}

type Row = { data_hash: Hex; period_end: string }

export function createSettlementSignatures(database: Database): SettlementSignatures {
  const rootOf = database.query(
    'select data_hash, period_end from signed_charge_roots where escrow = ?1 and root_id = ?2',
  )
  const putRoot = database.query(
    `insert into signed_charge_roots (escrow, root_id, data_hash, period_end)
     values (?1, ?2, ?3, ?4)
     on conflict do update set data_hash = excluded.data_hash, period_end = excluded.period_end`,
  )
  const epochOf = database.query(
    'select data_hash from signed_epochs where epochs = ?1 and epoch = ?2 and attempt = ?3',
  )
  const putEpoch = database.query(
    'insert into signed_epochs (epochs, epoch, attempt, data_hash) values (?1, ?2, ?3, ?4)',
  )
  const claimChargeRoot = database.transaction(
    (claim: ChargeRootClaim, canBePosted: (periodEnd: bigint) => boolean): Claim => {
      const { escrow, rootId, dataHash, periodEnd } = claim
      // Columns are as the table says.
      const before = rootOf.get(escrow, String(rootId)) as Row | null
      if (before?.data_hash === dataHash) return { ok: true }
      if (before !== null && canBePosted(BigInt(before.period_end))) {
        return { ok: false, dataHash: before.data_hash }
      }
      putRoot.run(escrow, String(rootId), dataHash, String(periodEnd))
      return { ok: true }
    },
  )
  const claimEpoch = database.transaction((claim: EpochClaim): Claim => {
    const { epochs, epoch, attempt, dataHash } = claim
    const key = [epochs, String(epoch), String(attempt)] as const
    const before = epochOf.get(...key) as Pick<Row, 'data_hash'> | null
    if (before?.data_hash === dataHash) return { ok: true }
    if (before !== null) return { ok: false, dataHash: before.data_hash }
    putEpoch.run(...key, dataHash)
    return { ok: true }
  })
  // Nothing reads before it may write, whatever else has the file open.
  return {
    claimChargeRoot: (claim, canBePosted) => claimChargeRoot.immediate(claim, canBePosted),
    claimEpoch: (claim) => claimEpoch.immediate(claim),
  }
}
