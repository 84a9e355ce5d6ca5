import { type AccessDomain, agreeingAttestations } from '@mooring/onchain/access-statements'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import { reviewAlerts } from '@mooring/store/alerts'
import { brokenConstraint, type Database } from '@mooring/store/database'
import {
  creditedOnce,
  type Deposit,
  type DepositFinding,
  type DueDeposit,
  postponeCheck,
  saveAttestations,
  saveFinding,
  takeDueDeposits,
} from '@mooring/store/deposits'
import type { Clock } from '@mooring/telemetry/clock'
import { alertText } from '../alerts/text.ts'
import type { Events } from '../events.ts'
import type { VerifierAnswer, Verifiers } from '../verifiers/verifiers.ts'
import type { Finality } from './finality.ts'
import type { Pace } from './pace.ts'
import {
  type Escrows,
  isAnswered,
  isNews,
  judgeDeposit,
  nextCheckMs,
  pauseWanted,
} from './rules.ts'

export type DepositParts = {
  database: Database
  clock: Clock
  events: Events
  verifiers: Verifiers
  domain: AccessDomain
  escrows: Escrows
  intervalMs: number
  pace: Pace
  finality: Finality
}

export const atOnceMax = 20
/** Should this process die with a deposit in its hands, another one takes it then. */
const leaseMs = 60_000

/**
 * Looks at deposits that are due, several at once, and fewer while verifiers refuse to be asked so much.
 *
 * @returns How many there were.
 */
export async function checkDueDeposits(parts: DepositParts): Promise<number> {
  const { clock, database, events, pace, finality } = parts
  const nowMs = clock.wallMs()
  const countMax = pace.countMaxAt(nowMs)
  if (countMax === 0) return 0
  const { unfinalBlock } = finality
  const due = await takeDueDeposits(database.sql, { nowMs, leaseMs, countMax, unfinalBlock })
  const checked = await Promise.allSettled(due.map((deposit) => checkDeposit(parts, deposit)))
  let pauseMs: number | undefined
  for (const result of checked) {
    if (result.status === 'rejected') events.roundFailed('deposits', result.reason)
    else if (result.value !== undefined) pauseMs = Math.max(pauseMs ?? 0, result.value)
  }
  if (pauseMs !== undefined) {
    events.verifiersBusy(pauseMs)
    pace.slowDown(clock.wallMs() + pauseMs)
  } else if (due.length === countMax) pace.speedUp()
  return due.length
}

/** @returns For how long verifiers want to be asked nothing more, where that kept it from being checked. */
async function checkDeposit(parts: DepositParts, deposit: DueDeposit): Promise<number | undefined> {
  const { verifiers, domain, escrows, clock, intervalMs } = parts
  const { transactionHash, logIndex, toldAtMs } = deposit
  const request = { transactionHash, logIndex }
  const answers = await Promise.all(verifiers.all.map((verifier) => verifier.attest(request)))
  for (const [at, answer] of answers.entries()) {
    const verifier = verifiers.all[at]?.address ?? ''
    const problem = problemOf(answer)
    if (problem !== undefined) parts.events.verifierFailed({ verifier, problem })
  }
  const { quorum } = verifiers
  const nextMs = (found: DepositFinding) =>
    nextCheckMs(found, { toldAtMs, nowMs: clock.wallMs(), intervalMs })
  if (!isAnswered(answers, quorum.threshold)) {
    const pauseMs = pauseWanted(answers, quorum)
    // What was refused for its number alone keeps its place.
    const atMs = pauseMs === undefined ? nextMs(deposit) : deposit.dueAtMs
    await postponeCheck(parts.database.sql, deposit, atMs)
    return pauseMs
  }
  const attestations = answers.flatMap((answer) =>
    answer.kind === 'attested' && isOf(answer.attestation, deposit) ? [answer.attestation] : [],
  )
  const agreed = await agreeingAttestations(domain, quorum, attestations)
  const judged = { answers, agreed, threshold: quorum.threshold, escrows }
  const finding = judgeDeposit(deposit, judged) ?? deposit
  if (agreed.length > 0) parts.finality.observe(finding)
  const nextCheckAtMs = nextMs(finding)
  await settle(parts, deposit, { finding, agreed, nextCheckAtMs })
  return undefined
}

function problemOf(answer: VerifierAnswer): string | undefined {
  if (answer.kind === 'silent') return 'no answer'
  const isStranger = answer.kind === 'refused' && answer.code === 'BAD_CREDENTIAL'
  return isStranger ? 'it does not know the credential that is configured for it' : undefined
}

/** A verifier that attests another deposit than it was asked for attests nothing. */
function isOf({ transactionHash, logIndex }: SignedAttestation, deposit: Deposit): boolean {
  return transactionHash.toLowerCase() === deposit.transactionHash && logIndex === deposit.logIndex
}

type Settlement = {
  finding: DepositFinding
  agreed: readonly SignedAttestation[]
  nextCheckAtMs: number | null
}

/** Writes what was found, what proves it, and whom it is told, all or nothing. */
async function settle(
  { database, clock, events }: DepositParts,
  deposit: Deposit,
  { finding, agreed, nextCheckAtMs }: Settlement,
): Promise<void> {
  const { id, account } = deposit
  try {
    const isSaved = await database.transact(async (queries) => {
      if (!(await saveFinding(queries, deposit, { finding, nextCheckAtMs }))) return false
      // Whoever tells of a stranger's deposit is not shown what was attested of it.
      const own = agreed.filter((one) => accountNameOf(deposit.chainId, one.account) === account)
      await saveAttestations(queries, id, own)
      if (finding.credited !== deposit.credited) {
        await reviewAlerts(queries, account, { textOf: alertText, nowMs: clock.wallMs() })
      }
      return true
    })
    if (!isSaved || !isNews(deposit, finding)) return
    events.depositChanged({ depositId: id, account, state: finding.state })
  } catch (error) {
    if (brokenConstraint(error) !== creditedOnce) throw error
    events.depositTaken({ depositId: id, account })
  }
}
