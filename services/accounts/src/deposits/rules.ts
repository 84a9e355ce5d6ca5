import { accountNameOf } from '@mooring/protocol/access/names'
import type { SignedAttestation, VerifierProblemCode } from '@mooring/protocol/access/verifier-wire'
import type { Asset, Deposit, DepositFinding } from '@mooring/store/deposits'
import type { Confirmations, VerifierAnswer } from '../verifiers/verifiers.ts'

/** Contracts that take deposits, as 0x and 40 lower case digits. */
export type Escrows = Readonly<Record<Asset, string>>

export type Judged = {
  /** What verifiers answered, one each. */
  answers: readonly VerifierAnswer[]
  /** Attestations of this very deposit that say the same, as many as the threshold or none. */
  agreed: readonly SignedAttestation[]
  threshold: number
  escrows: Escrows
}

/** A tenth may be used before the block is final: what a fork can cost. Rounded down, so that it is no more. */
const cappedDivisor = 10n

/** Codes after which a deposit is none of this account's, however long one waits. */
const finalRefusals: ReadonlySet<VerifierProblemCode> = new Set([
  'TRANSACTION_FAILED',
  'NOT_A_DEPOSIT',
  'DEPOSIT_TOO_SMALL',
  'ACCOUNT_CLOSED',
])

/**
 * Decides what becomes of a deposit. Whatever fewer verifiers than the threshold say changes no credit, whichever way.
 *
 * @returns Undefined when nothing changes.
 */
export function judgeDeposit(deposit: Deposit, judged: Judged): DepositFinding | undefined {
  const { answers, agreed, threshold } = judged
  const [attestation] = agreed
  if (attestation !== undefined) return attested(deposit, attestation, judged.escrows)
  const count = (code: VerifierProblemCode) =>
    answers.filter((answer) => answer.kind === 'refused' && answer.code === code).length
  if (count('ORPHANED') >= threshold) return without(deposit, 'orphaned')
  if (count('NO_SUCH_DEPOSIT') >= threshold) {
    // Nobody has seen it yet; or its transaction was in a block once and is in none now.
    return without(deposit, deposit.amount === null ? 'seen' : 'orphaned')
  }
  for (const code of finalRefusals) {
    if (count(code) >= threshold) return { ...without(deposit, 'refused'), refusal: code }
  }
  const confirmations = confirmationsOf(answers, threshold)
  if (count('TOO_FEW_CONFIRMATIONS') >= threshold) {
    // A deposit that was attested before is in another block now.
    return { ...without(deposit, 'confirming'), ...confirmations }
  }
  const isWaiting = deposit.state === 'seen' || deposit.state === 'confirming'
  return isWaiting && confirmations !== undefined
    ? { ...without(deposit, 'confirming'), ...confirmations }
    : undefined
}

function attested(deposit: Deposit, facts: SignedAttestation, escrows: Escrows): DepositFinding {
  if (accountNameOf(deposit.chainId, facts.account) !== deposit.account) {
    return { ...without(deposit, 'refused'), refusal: 'WRONG_ACCOUNT' }
  }
  const asset = assetOf(facts.escrow, escrows)
  if (asset === undefined) return { ...without(deposit, 'refused'), refusal: 'NOT_A_DEPOSIT' }
  const amount = BigInt(facts.amount)
  const { life, blockNumber, blockHash, isFinal } = facts
  return {
    ...{ asset, amount, life, blockNumber, blockHash },
    state: isFinal ? 'final' : 'attested-capped',
    credited: isFinal ? amount : amount / cappedDivisor,
    confirmations: deposit.confirmationsNeeded,
    confirmationsNeeded: deposit.confirmationsNeeded,
    refusal: null,
  }
}

function assetOf(escrow: string, escrows: Escrows): Asset | undefined {
  const given = escrow.toLowerCase()
  if (given === escrows.ankr) return 'ankr'
  return given === escrows.usd ? 'usd' : undefined
}

/** The deposit with nothing credited. */
function without(deposit: Deposit, state: DepositFinding['state']): DepositFinding {
  const { asset, amount, life, blockNumber, blockHash } = deposit
  const { confirmations, confirmationsNeeded } = deposit
  return {
    ...{ state, asset, amount, life, blockNumber, blockHash, confirmations, confirmationsNeeded },
    credited: 0n,
    refusal: null,
  }
}

/** How many blocks enough verifiers see on top of it: one that says more is not believed alone. */
function confirmationsOf(answers: readonly VerifierAnswer[], threshold: number) {
  const told = answers.flatMap((answer): Confirmations[] =>
    answer.kind === 'refused' && answer.confirmations !== undefined ? [answer.confirmations] : [],
  )
  const attested = answers.filter(({ kind }) => kind === 'attested').length
  const [first] = told
  if (first === undefined || told.length + attested < threshold) return undefined
  const heights = [...told.map(({ have }) => have), ...Array<number>(attested).fill(first.need)]
  const have = heights.sort((a, b) => b - a)[threshold - 1] ?? 0
  return { confirmations: Math.min(have, first.need), confirmationsNeeded: first.need }
}

/** Whether enough verifiers have said something of the deposit, so that it was checked. */
export function isAnswered(answers: readonly VerifierAnswer[], threshold: number): boolean {
  return answers.filter(isOfDeposit).length >= threshold
}

function isOfDeposit(answer: VerifierAnswer): boolean {
  if (answer.kind !== 'refused') return answer.kind === 'attested'
  return answer.code !== 'RATE_LIMITED' && answer.code !== 'BAD_CREDENTIAL'
}

const pauseMsMost = 60_000
const retrySecondsDefault = 1

/**
 * How long verifiers want to be asked nothing, once those that do not are fewer than the threshold: the shortest time
 * that one of them says, so that none alone can have everybody wait.
 *
 * @returns Milliseconds; undefined when enough others can be asked.
 */
export function pauseWanted(
  answers: readonly VerifierAnswer[],
  { members, threshold }: { members: readonly unknown[]; threshold: number },
): number | undefined {
  const told = answers.flatMap((answer) =>
    answer.kind === 'refused' && answer.code === 'RATE_LIMITED'
      ? [answer.retryAfterSeconds ?? retrySecondsDefault]
      : [],
  )
  if (told.length <= members.length - threshold) return undefined
  const seconds = Math.min(...told)
  return Math.min(seconds * 1_000, pauseMsMost)
}

/** Whether something changes that anyone can see. */
export function isNews(deposit: Deposit, finding: DepositFinding): boolean {
  return Object.entries(finding).some(
    ([name, value]) => deposit[name as keyof DepositFinding] !== value,
  )
}

const dayMs = 86_400_000
/** How patiently a deposit is checked: ever more seldom, as its age grows, and no more past an age. */
const patience = {
  seen: { part: 20, pauseMsMax: 300_000, ageMsMax: 7 * dayMs },
  confirming: { part: 200, pauseMsMax: 30_000, ageMsMax: Number.POSITIVE_INFINITY },
  'attested-capped': { part: 20, pauseMsMax: 30_000, ageMsMax: Number.POSITIVE_INFINITY },
  orphaned: { part: 20, pauseMsMax: 300_000, ageMsMax: 7 * dayMs },
  refused: { part: 4, pauseMsMax: 3_600_000, ageMsMax: dayMs },
  final: { part: 1, pauseMsMax: 0, ageMsMax: 0 },
} as const

type Checked = Pick<DepositFinding, 'state' | 'confirmations' | 'confirmationsNeeded'>

/** @returns When to look again; null for never. */
export function nextCheckMs(
  checked: Checked,
  { toldAtMs, nowMs, intervalMs }: { toldAtMs: number; nowMs: number; intervalMs: number },
): number | null {
  const { part, pauseMsMax, ageMsMax } = patience[checked.state]
  const ageMs = nowMs - toldAtMs
  if (ageMs >= ageMsMax) return null
  const pauseMs = halfOfConfirming(checked, ageMs) ?? ageMs / part
  return nowMs + Math.max(intervalMs, Math.min(pauseMs, pauseMsMax))
}

/** Half of the time until it has all confirmations, if they go on coming as they did since it was told of. */
function halfOfConfirming(
  { state, confirmations: have, confirmationsNeeded: need }: Checked,
  ageMs: number,
): number | undefined {
  if (state !== 'confirming' || have === null || need === null) return undefined
  return (ageMs * Math.max(0, need - have)) / Math.max(1, have) / 2
}
