/** Whom an upstream serves, whatever its score is. */
export type Offer = {
  /** Undefined: whoever has it or not. */
  pool: string | undefined
  /** Whether it takes requests that nobody pays for: a node that its provider has registered does if that says so. */
  servesCommunity: boolean
}

/** Who asks. */
export type Asker = {
  /** That the caller has beside the common one. */
  pools: readonly string[]
  /** Whether it has no key. */
  isCommunity: boolean
}

type Admission = {
  admits(offer: Offer, asker: Asker): boolean
  /** Whether the other takes all that this one does, as far as this row goes. */
  isCovered(offer: Offer, other: Offer): boolean
}

const admissions: readonly Admission[] = [
  {
    admits: ({ pool }, { pools }) => pool === undefined || pools.includes(pool),
    isCovered: ({ pool }, other) => other.pool === undefined || other.pool === pool,
  },
  {
    admits: ({ servesCommunity }, { isCommunity }) => servesCommunity || !isCommunity,
    isCovered: ({ servesCommunity }, other) => other.servesCommunity || !servesCommunity,
  },
]

/** Whether the one may be asked for the other. Looked at for each attempt, so it makes nothing. */
export function admits(offer: Offer, asker: Asker): boolean {
  for (const admission of admissions) if (!admission.admits(offer, asker)) return false
  return true
}

/** Whether whoever is served by the one would be served by the other. */
export function isCovered(offer: Offer, other: Offer): boolean {
  return admissions.every((admission) => admission.isCovered(offer, other))
}
