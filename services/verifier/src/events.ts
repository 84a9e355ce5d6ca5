import type { RevocationReason, VerifierProblemCode } from '@mooring/protocol/access/verifier-wire'
import type { SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'
import type { Waiting } from './group/ceremony.ts'
import type { GroupKey } from './group/group-key.ts'

/** Everything a verifier tells about itself. Never a token, a signature, a key or the address of a source. */
export type Events = ReturnType<typeof createEvents>

const secondsBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** A ceremony goes several rounds a second, and one line a while is enough. */
const waitingMs = 10_000

export function createEvents(logger: Logger, meters: Meters, nowMs: () => number) {
  const issued = meters.counter('tokens_issued_total', 'Tokens made here, by stage.', ['stage'])
  const issueSeconds = meters.histogram('token_issue_seconds', 'Time to make a token.', {
    labels: [],
    buckets: secondsBuckets,
  })
  const refusals = meters.counter('refusals_total', 'What was refused, by code.', ['code'])
  const revoked = meters.counter('tokens_revoked_total', 'Revocations signed.', ['reason'])
  const cheats = meters.counter('verifier_cheats_total', 'Wrong things done by others.', [
    'verifier',
  ])
  const troubles = meters.counter('source_troubles_total', 'Sources silent or apart.', ['code'])
  const settled = meters.counter('settlement_checks_total', 'Roots checked, by what came of it.', [
    'kind',
    'result',
  ])
  const waitedFor = new Map<string, number>()
  return {
    started(facts: { url: string; adminUrl: string; address: string }) {
      logger.info('verifier started', facts)
    },
    stopping(signal: string) {
      logger.info('verifier stopping', { signal })
    },
    stopped() {
      logger.info('verifier stopped')
    },
    keyMade({ generation, kid, usedFrom }: GroupKey) {
      logger.info('the verifiers have made a key', { generation, kid, usedFrom })
    },
    keyEnded({ generation, kid }: GroupKey) {
      logger.warn('the verifiers have ended a key at once', { generation, kid })
    },
    keyWaits({ generation, member, reason }: Waiting) {
      const name = `${member} ${reason}`
      if (nowMs() - (waitedFor.get(name) ?? Number.NEGATIVE_INFINITY) < waitingMs) return
      if (waitedFor.size > 1_000) waitedFor.clear()
      waitedFor.set(name, nowMs())
      logger.info('a key waits for a verifier', { generation, member, reason })
    },
    issued({ jti, stage, tookMs }: { jti: string; stage: string; tookMs: number }) {
      issued.inc(stage)
      issueSeconds.observe(tookMs / 1_000)
      logger.info('token issued', { jti, stage, tookMs })
    },
    refused(code: VerifierProblemCode) {
      refusals.inc(code)
      logger.debug('refused', { code })
    },
    revoked(jti: string, reason: RevocationReason) {
      revoked.inc(reason)
      logger.warn('token revoked', { jti, reason })
    },
    settlementSigned(wish: SettlementWish) {
      settled.inc(wish.kind, 'signed')
      logger.info('settlement signed', { ...wish })
    },
    settlementRefused(wish: SettlementWish, reasons: readonly string[]) {
      settled.inc(wish.kind, 'refused')
      logger.warn('settlement not signed', { ...wish, reasons: reasons.join('; ') })
    },
    cheated(verifier: string, what: string) {
      cheats.inc(verifier)
      logger.warn('a verifier did what it must not', { verifier, what })
    },
    troubled({ code, detail }: { code: string; detail: string }) {
      troubles.inc(code)
      logger.warn('the chain cannot be read', { code, detail })
    },
    badMessage(reason: string) {
      logger.debug('a message was not taken', { reason })
    },
    failed(what: string, error: unknown) {
      logger.warn('something will be tried again', { what, reason: String(error) })
    },
    broke(error: unknown) {
      refusals.inc('INTERNAL')
      logger.error('something broke', {
        stack: error instanceof Error ? error.stack : String(error),
      })
    },
  }
}
