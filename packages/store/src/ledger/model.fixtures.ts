/** An account with one asset, as one would write it down on paper; nothing of the rules is used here. */
export type PaperAccount = {
  tokens: bigint
  credits: bigint
  accrued: bigint
  /** By epoch. */
  leases: Map<bigint, bigint>
  uncollected: bigint
  /** Credits that went with their tokens while they were leased, and are still to end. */
  owed: bigint
}

export function paperAccount(): PaperAccount {
  return { tokens: 0n, credits: 0n, accrued: 0n, leases: new Map(), uncollected: 0n, owed: 0n }
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
  endLoose(on)
}

export function holds(on: PaperAccount, epoch: bigint, credits: bigint): void {
  on.leases.set(epoch, min(credits, on.leases.get(epoch) ?? 0n))
  endLoose(on)
}

export function come(on: PaperAccount, tokens: bigint, credits: bigint): void {
  on.tokens += tokens
  on.credits += credits
  endLoose(on)
}

/**
 * Tokens leave, and the same part of the credits with them: rounded up, and what is leased once it comes back.
 *
 * @returns What was not there.
 */
export function leave(on: PaperAccount, tokens: bigint, creditsMin = 0n): bigint {
  const taken = min(tokens, on.tokens)
  const part = taken === 0n ? 0n : (on.credits * taken + on.tokens - 1n) / on.tokens
  const due = min(part > creditsMin ? part : creditsMin, on.credits)
  const gone = min(due, on.credits - leasedOf(on))
  on.credits -= gone
  on.owed += due - gone
  on.tokens -= taken
  endLoose(on)
  return tokens - taken
}

export function leaveAccrued(on: PaperAccount, tokens: bigint): bigint {
  const taken = min(tokens, on.accrued)
  on.accrued -= taken
  return tokens - taken
}

/** Without a token no credit is worth anything, and what is owed ends first; but what is leased may have been used. */
function endLoose(on: PaperAccount): void {
  const loose = on.credits - leasedOf(on)
  const ended = on.tokens === 0n ? loose : min(on.owed, loose)
  on.credits -= ended
  on.owed -= min(ended, on.owed)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
