import type { ReceiptRefusal, SessionRefusal } from '@mooring/protocol/relays/sessions'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'

/** Everything an agent tells about itself. Never a token, a key, a body or the address of a node. */
export type Events = ReturnType<typeof createEvents>

/** What came of a request that bears the token of a session. */
export type RelayResult = 'answered' | 'failed' | 'malformed' | 'receiptsDue'

export function createEvents(logger: Logger, meters: Meters) {
  const relays = meters.counter('agent_requests_total', 'Relays by chain and what came of them.', [
    'chain',
    'result',
  ])
  const probes = meters.counter('agent_probes_total', "Gateways' own questions, unpaid.", ['chain'])
  const strangers = meters.counter('agent_strangers_total', 'Requests without a session.', [])
  const sessions = meters.counter('agent_sessions_total', 'Sessions asked for, by result.', [
    'result',
  ])
  const receipts = meters.counter('agent_receipts_total', 'Receipts proposed, by result.', [
    'result',
  ])
  const proven = meters.counter('agent_proven_relays_total', 'Relays that have a receipt.', [
    'chain',
    'paid',
  ])
  const credits = meters.counter('agent_proven_credits_total', 'Credits that receipts prove.', [
    'chain',
  ])
  const unproven = meters.counter(
    'agent_unaccepted_relays_total',
    'Relays that no receipt came for: raced by others, or not accepted.',
    ['chain'],
  )
  const answers = meters.counter('agent_signed_answers_total', 'Answers asked to be signed.', [
    'result',
  ])
  return {
    started(facts: { url: string; adminUrl: string; nodeId: string; signer: string }) {
      logger.info('agent started', facts)
    },
    stopping(signal: string) {
      logger.info('agent stopping', { signal })
    },
    relayed(chain: string, result: RelayResult) {
      relays.inc(chain, result)
    },
    probed(chain: string) {
      probes.inc(chain)
    },
    strange() {
      strangers.inc()
    },
    opened(gateway: string, expiresAt: number) {
      sessions.inc('opened')
      logger.info('session opened', { gateway, expiresAt })
    },
    ended(gateway: string, why: 'expired' | 'leftTheSet' | 'replaced') {
      logger.info('session ended', { gateway, why })
    },
    sessionRefused(error: SessionRefusal, gateway: string | undefined) {
      sessions.inc(error)
      logger.warn('session refused', { error, gateway: gateway ?? null })
    },
    proved(chain: string, window: { paid: number; free: number; credits: bigint }) {
      receipts.inc('signed')
      if (window.paid > 0) proven.add(window.paid, chain, 'yes')
      if (window.free > 0) proven.add(window.free, chain, 'no')
      if (window.credits > 0n) credits.add(Number(window.credits), chain)
    },
    repeated() {
      receipts.inc('repeated')
    },
    receiptRefused(error: ReceiptRefusal, facts: { gateway: string | null; detail: string }) {
      receipts.inc(error)
      logger.warn('receipt refused', { error, ...facts })
    },
    unaccepted(chain: string, count: number) {
      if (count > 0) unproven.add(count, chain)
    },
    signed(result: 'signed' | 'notSignable') {
      answers.inc(result)
    },
    /** The registry names another key for the node: nothing that this agent signs counts. */
    wrongKey(facts: { nodeId: string; registered: string; own: string }) {
      logger.error('the registry names another key for this node', facts)
    },
    failed(what: string, error: unknown) {
      logger.warn('something will be tried again', { what, reason: String(error) })
    },
    broke(error: unknown) {
      logger.error('something broke', {
        stack: error instanceof Error ? error.stack : String(error),
      })
    },
  }
}
