import { type AccessDomain, agreeingAttestations } from '@mooring/onchain/access-statements'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import { reviewAlerts } from '@mooring/store/alerts'
import { brokenConstraint, type Database } from '@mooring/store/database'
import {
  creditedOnce,
  type Deposit,
  type DepositFinding,
  saveAttestations,
  saveFinding,
  takeDueDeposits,
} from '@mooring/store/deposits'
import type { Clock } from '@mooring/telemetry/clock'
import { alertText } from '../alerts/text.ts'
import type { Events } from '../events.ts'
import type { Verifiers } from '../verifiers/verifiers.ts'
import { type Escrows, isNews, judgeDeposit, nextCheckMs } from './rules.ts'

export type DepositParts = {
  database: Database
  clock: Clock
  events: Events
  verifiers: Verifiers
  domain: AccessDomain
  escrows: Escrows
  intervalMs: number
}

const atOnceMax = 20
/** Should this process die with a deposit in its hands, another one takes it then. */
const leaseMs = 60_000

/** Looks at every deposit that is due, several at once. @returns How many there were. */
export async function checkDueDeposits(parts: DepositParts): Promise<number> {
  const nowMs = parts.clock.wallMs()
  const due = await takeDueDeposits(parts.database.sql, { nowMs, leaseMs, countMax: atOnceMax })
  const checked = await Promise.allSettled(due.map((deposit) => checkDeposit(parts, deposit)))
  for (const result of checked) {
    if (result.status === 'rejected') parts.events.roundFailed('deposits', result.reason)
  }
  return due.length
}

async function checkDeposit(parts: DepositParts, deposit: Deposit): Promise<void> {
  const { verifiers, domain, escrows, clock, intervalMs } = parts
  const { transactionHash, logIndex, toldAtMs } = deposit
  const request = { transactionHash, logIndex }
  const answers = await Promise.all(verifiers.all.map((verifier) => verifier.attest(request)))
  for (const [at, { kind }] of answers.entries()) {
    const verifier = verifiers.all[at]?.address ?? ''
    if (kind === 'silent') parts.events.verifierFailed({ verifier, problem: 'no answer' })
  }
  const attestations = answers.flatMap((answer) =>
    answer.kind === 'attested' && isOf(answer.attestation, deposit) ? [answer.attestation] : [],
  )
  const { quorum } = verifiers
  const agreed = await agreeingAttestations(domain, quorum, attestations)
  const judged = { answers, agreed, threshold: quorum.threshold, escrows }
  const finding = judgeDeposit(deposit, judged) ?? deposit
  const times = { toldAtMs, nowMs: clock.wallMs(), intervalMs }
  const nextCheckAtMs = nextCheckMs(finding.state, times)
  await settle(parts, deposit, { finding, agreed, nextCheckAtMs })
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
