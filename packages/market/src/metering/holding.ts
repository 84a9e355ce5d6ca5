import type { TokenAmount } from '@mooring/protocol/units'
import { least, most, mulDivDown, mulDivUp } from '../economy/money/mul-div.ts'

/** What requests are priced in: a millionth of ten US cents. */
export type Credits = bigint

/**
 * What an account has in one asset, in two units that move together: tokens in the escrow, and the credits they are
 * good for. A deposit adds credits at the rate of its block; what a credit costs afterwards is a part of these tokens,
 * whatever the rate does.
 *
 * `tokens + accrued` is what the escrow contract holds for the account; `spent + accrued` is the total of its next leaf.
 */
export type Holding = {
  /** Not used. Base units. */
  tokens: TokenAmount
  /** What `tokens` are good for. */
  credits: Credits
  /** Of `credits`, what gateways may use before they say so. Setting it aside moves nothing in the books. */
  leased: Credits
  /** Of `tokens`, what its owner asked out of the escrow; it can be charged until it is out. */
  held: TokenAmount
  /** Used, and not taken out of the escrow yet. */
  accrued: TokenAmount
  /** Used and taken out of the escrow, since the account's life began. */
  spent: TokenAmount
  /** Counts how often a withdrawal has emptied the account. */
  life: bigint
  /** What the escrow moved beyond all there was, ever: the books cannot explain it. */
  missing: TokenAmount
  /** Taken back while gateways held it: ends as leases come back, or out of what is deposited next. */
  toVoid: Credits
}

export const noHolding: Holding = {
  tokens: 0n,
  credits: 0n,
  leased: 0n,
  held: 0n,
  accrued: 0n,
  spent: 0n,
  life: 0n,
  missing: 0n,
  toVoid: 0n,
}

/** A holding after something happened to it, and what moved. */
export type Moved = { holding: Holding; moves: Move[] }

/** What moves in the books, and between which two places; see `legs`. */
export type Move = { verb: Verb; tokens: TokenAmount; credits: Credits }

export type Verb = keyof typeof legs

/**
 * Double entry as a table. Each verb takes its tokens and its credits out of one place and puts them into another, so
 * that the places of a unit always sum up to nothing. `escrow` and `sold` stand for the outside: they are what the
 * contract holds, and what was sold, with the sign turned around.
 */
export const legs = {
  deposit: { tokens: ['escrow', 'unused'], credits: ['sold', 'unused'] },
  charge: { tokens: ['unused', 'accrued'], credits: ['unused', 'used'] },
  /** By a gateway whose lease had ended. */
  chargeLate: { tokens: ['unused', 'accrued'], credits: ['unused', 'used'] },
  /** Applied on chain. */
  apply: { tokens: ['accrued', 'escrow'], credits: undefined },
  /** Taken on chain beyond what is accrued here: the books were wrong. */
  seize: { tokens: ['unused', 'escrow'], credits: ['unused', 'sold'] },
  withdraw: { tokens: ['unused', 'escrow'], credits: ['unused', 'sold'] },
  /** Used, and paid out to the owner before it was applied. */
  lapse: { tokens: ['accrued', 'escrow'], credits: undefined },
  /** The block of a deposit is gone. */
  orphan: { tokens: ['unused', 'escrow'], credits: ['unused', 'sold'] },
  /** Credits that no token stands behind any more, or that a deposit gives no longer at the rate of its block. */
  void: { tokens: undefined, credits: ['unused', 'sold'] },
} as const satisfies Record<string, Legs>

type Legs = {
  tokens: readonly [Place, Place] | undefined
  credits: readonly [Place, Place] | undefined
}
export type Place = 'escrow' | 'unused' | 'accrued' | 'sold' | 'used'

/** Nothing was ever in it. */
export function isUntouched({ tokens, credits, accrued, spent, life }: Holding): boolean {
  return tokens + credits + accrued + spent + life === 0n
}

/** What the escrow contract holds for the account, as far as the books know. */
export function escrowOf({ tokens, accrued }: Holding): TokenAmount {
  return tokens + accrued
}

/** Credits that nobody holds: neither leased nor backed by what was asked out. Rounds down. */
export function freeCredits({ tokens, credits, leased, held }: Holding): Credits {
  if (tokens === 0n) return 0n
  const stays = mulDivDown(credits, most(0n, tokens - held), tokens)
  return most(0n, stays - leased)
}

/** What `credits` of the holding cost at the most. Rounds up: for limits. */
export function tokensOf({ tokens, credits: all }: Holding, credits: Credits): TokenAmount {
  return all === 0n ? 0n : mulDivUp(tokens, least(credits, all), all)
}

export function deposit(
  holding: Holding,
  { tokens, credits }: { tokens: TokenAmount; credits: Credits },
): Moved {
  const after = {
    ...holding,
    tokens: holding.tokens + tokens,
    credits: holding.credits + credits,
  }
  return moved(after, [{ verb: 'deposit', tokens, credits }])
}

/** Sets credits aside for a gateway. Throws when there are not as many. */
export function lease(holding: Holding, credits: Credits): Moved {
  assertPart(credits, holding.credits - holding.leased, 'lease')
  return { holding: { ...holding, leased: holding.leased + credits }, moves: [] }
}

/** Ends a lease, or a part of it. Throws when there is less. */
export function giveBack(holding: Holding, credits: Credits): Moved {
  assertPart(credits, holding.leased, 'give back')
  return moved({ ...holding, leased: holding.leased - credits }, [])
}

/**
 * Charges credits of a lease, or such as nobody holds. Moves the same part of the tokens, rounded down in favour of the
 * consumer; the last credit takes what is left. Throws when there are not as many.
 */
export function charge(
  holding: Holding,
  { credits, isLeased }: { credits: Credits; isLeased: boolean },
): Moved {
  assertPart(credits, isLeased ? holding.leased : holding.credits - holding.leased, 'charge')
  if (credits === 0n) return { holding, moves: [] }
  const tokens = mulDivDown(holding.tokens, credits, holding.credits)
  const after = {
    ...holding,
    tokens: holding.tokens - tokens,
    credits: holding.credits - credits,
    leased: isLeased ? holding.leased - credits : holding.leased,
    accrued: holding.accrued + tokens,
  }
  return moved(after, [{ verb: isLeased ? 'charge' : 'chargeLate', tokens, credits }])
}

/**
 * The escrow took a charge. What is more than was accrued here is taken from what is unused, so that the books go on
 * telling what the contract holds.
 *
 * @returns `missing`: tokens beyond all there is, which the books cannot explain.
 */
export function apply(holding: Holding, tokens: TokenAmount): Moved & { missing: TokenAmount } {
  const ofAccrued = least(tokens, holding.accrued)
  const rest = takeOut(
    { ...holding, accrued: holding.accrued - ofAccrued, spent: holding.spent + tokens },
    { verb: 'seize', tokens: tokens - ofAccrued, creditsMin: 0n },
  )
  const { missing } = rest
  const after = { ...rest.holding, missing: holding.missing + missing }
  return {
    ...moved(after, [{ verb: 'apply', tokens: ofAccrued, credits: 0n }, ...rest.moves]),
    missing,
  }
}

/**
 * The escrow paid out to the owner: first from what is unused, then from what was used and not applied by then, which
 * lapses at the cost of those who should have applied it.
 *
 * @param life - Of the account afterwards.
 */
export function withdraw(
  holding: Holding,
  { tokens, life }: { tokens: TokenAmount; life: bigint },
): Moved & { missing: TokenAmount } {
  const taken = takeBack(holding, { verb: 'withdraw', tokens, creditsMin: 0n })
  const spent = life === holding.life ? taken.holding.spent : 0n
  // It was asked out before: what is paid is not to be paid any more.
  const held = most(0n, holding.held - tokens)
  return { ...taken, holding: { ...taken.holding, held, spent, life } }
}

/**
 * A deposit turned out to be none. Takes back what it gave, as far as that is there: its own credits, or the part that
 * goes with its tokens where that is more.
 */
export function orphan(
  holding: Holding,
  { tokens, credits }: { tokens: TokenAmount; credits: Credits },
): Moved & { missing: TokenAmount } {
  return takeBack(holding, { verb: 'orphan', tokens, creditsMin: credits })
}

/**
 * A deposit that is in the books already is attested anew: more of it counts, or a fork has moved it into another block,
 * where its amount and its rate may be others. What changes is booked and nothing else, so what was used in the meantime
 * stays charged. What it is worth less is taken back as far as it is there.
 *
 * @param change - What it gives now less what is in the books of it, in each unit.
 */
export function amend(
  holding: Holding,
  change: { tokens: TokenAmount; credits: Credits },
): Moved & { missing: TokenAmount } {
  const { tokens, credits } = change
  if (tokens < 0n && credits <= 0n) return orphan(holding, { tokens: -tokens, credits: -credits })
  if (tokens >= 0n && credits >= 0n) return { ...deposit(holding, change), missing: 0n }
  if (tokens < 0n) return swapForCredits(holding, { tokens: -tokens, credits })
  const more = deposit(holding, { tokens, credits: 0n })
  return { ...then(more, voidCredits(more.holding, -credits)), missing: 0n }
}

/** Fewer tokens that are worth more. The credits that go with the tokens come back with the others. */
function swapForCredits(
  holding: Holding,
  { tokens, credits }: { tokens: TokenAmount; credits: Credits },
): Moved & { missing: TokenAmount } {
  const taken = orphan(holding, { tokens, credits: 0n })
  const gone = holding.credits - taken.holding.credits
  // What went comes back, so nothing of it is left to end.
  const whole = { ...taken.holding, toVoid: holding.toVoid }
  const given = deposit(whole, { tokens: 0n, credits: credits + gone })
  return { ...then(taken, given), missing: taken.missing }
}

function voidCredits(holding: Holding, credits: Credits): Moved {
  return moved({ ...holding, toVoid: holding.toVoid + credits }, [])
}

function then(first: Moved, second: Moved): Moved {
  return { holding: second.holding, moves: [...first.moves, ...second.moves] }
}

type TakingOut = {
  verb: 'withdraw' | 'orphan' | 'seize'
  tokens: TokenAmount
  creditsMin: Credits
}

/** From what is unused, then from what is accrued. */
function takeBack(holding: Holding, taking: TakingOut): Moved & { missing: TokenAmount } {
  const first = takeOut(holding, taking)
  const lapsed = least(first.missing, first.holding.accrued)
  const missing = first.missing - lapsed
  const after = {
    ...first.holding,
    accrued: first.holding.accrued - lapsed,
    missing: holding.missing + missing,
  }
  return {
    ...moved(after, [...first.moves, { verb: 'lapse', tokens: lapsed, credits: 0n }]),
    missing,
  }
}

/**
 * The credits that go are rounded up, and those of a lease only once it ends: what is leased may have been used already.
 */
function takeOut(
  holding: Holding,
  { verb, tokens, creditsMin }: TakingOut,
): Moved & { missing: TokenAmount } {
  const taken = least(tokens, holding.tokens)
  const part = taken === 0n ? 0n : mulDivUp(holding.credits, taken, holding.tokens)
  const due = least(most(part, creditsMin), holding.credits)
  const credits = least(due, holding.credits - holding.leased)
  const after = {
    ...holding,
    tokens: holding.tokens - taken,
    credits: holding.credits - credits,
    toVoid: holding.toVoid + due - credits,
  }
  return { ...moved(after, [{ verb, tokens: taken, credits }]), missing: tokens - taken }
}

/** Leaves out moves of nothing, and ends credits that were taken back or that no token stands behind. */
function moved(holding: Holding, moves: Move[]): Moved {
  const loose = holding.credits - holding.leased
  const ended = holding.tokens === 0n ? loose : least(holding.toVoid, loose)
  const credits = holding.credits - ended
  const toVoid = most(0n, holding.toVoid - ended)
  const all: Move[] = [...moves, { verb: 'void', tokens: 0n, credits: ended }]
  return {
    holding: { ...holding, credits, toVoid },
    moves: all.filter(({ tokens, credits }) => tokens > 0n || credits > 0n),
  }
}

function assertPart(part: Credits, whole: Credits, what: string): void {
  if (part < 0n || part > whole) throw new RangeError(`cannot ${what} ${part} of ${whole} credits`)
}
