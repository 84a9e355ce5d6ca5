/** An account with one asset, as one would write it down on paper; nothing of the rules is used here. */
export type PaperAccount = {
  tokens: bigint
  credits: bigint
  accrued: bigint
  /** By epoch. */
  leases: Map<bigint, bigint>
  uncollected: bigint
}

export function paperAccount(): PaperAccount {
  return { tokens: 0n, credits: 0n, accrued: 0n, leases: new Map(), uncollected: 0n }
}

export function leasedOf({ leases }: PaperAccount): bigint {
  return [...leases.values()].reduce((sum, each) => sum + each, 0n)
}

/** Charges what an epoch used: from its lease, then from what nobody has. */
export function use(on: PaperAccount, epoch: bigint, credits: bigint): void {
  const lease = on.leases.get(epoch) ?? 0n
  const leased = min(credits, lease)
  chargePart(on, leased, () => on.leases.set(epoch, lease - leased))
  const free = min(credits - leased, on.credits - leasedOf(on))
  chargePart(on, free, () => {})
  on.uncollected += credits - leased - free
}

function chargePart(on: PaperAccount, credits: bigint, unlease: () => void): void {
  if (credits === 0n) return
  const tokens = (on.tokens * credits) / on.credits
  on.tokens -= tokens
  on.accrued += tokens
  on.credits -= credits
  unlease()
  dropUnbacked(on)
}

export function holds(on: PaperAccount, epoch: bigint, credits: bigint): void {
  on.leases.set(epoch, min(credits, on.leases.get(epoch) ?? 0n))
  dropUnbacked(on)
}

/**
 * Tokens leave, and the same part of the credits with them: rounded up, and never what is leased.
 *
 * @returns What was not there.
 */
export function leave(on: PaperAccount, tokens: bigint, creditsMin = 0n): bigint {
  const taken = min(tokens, on.tokens)
  const part = taken === 0n ? 0n : (on.credits * taken + on.tokens - 1n) / on.tokens
  on.credits -= min(part > creditsMin ? part : creditsMin, on.credits - leasedOf(on))
  on.tokens -= taken
  dropUnbacked(on)
  return tokens - taken
}

export function leaveAccrued(on: PaperAccount, tokens: bigint): bigint {
  const taken = min(tokens, on.accrued)
  on.accrued -= taken
  return tokens - taken
}

/** Without a token no credit is worth anything, but what is leased may have been used. */
function dropUnbacked(on: PaperAccount): void {
  if (on.tokens === 0n) on.credits = leasedOf(on)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
