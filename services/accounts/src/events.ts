import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'

/** Everything this service tells about itself. No field ever holds a key, a token, a signature or an address of ours. */
export type Events = ReturnType<typeof createEvents>

export function createEvents(logger: Logger, meters: Meters) {
  const refusals = meters.counter('accounts_refusals_total', 'Requests refused', ['code'])
  const signIns = meters.counter('accounts_sign_ins_total', 'Sign-ins', ['wallet'])
  const rounds = meters.counter('accounts_failed_rounds_total', 'Rounds that failed', ['loop'])
  const states = meters.counter('accounts_deposit_changes_total', 'Deposits by new state', [
    'state',
  ])
  const letters = meters.counter('accounts_deliveries_total', 'Deliveries tried', ['result'])
  return {
    started(addresses: { url: string; gatewayUrl: string }) {
      logger.info('accounts started', addresses)
    },
    stopping(signal: string) {
      logger.info('accounts stopping', { signal })
    },
    refused(code: string, route: string) {
      refusals.inc(code)
      logger.debug('request refused', { code, route })
    },
    /** Something that must not happen; told to operators and to nobody else. */
    broke(error: unknown, route: string) {
      refusals.inc('INTERNAL')
      logger.error('request broke', { route, ...factsOf(error) })
    },
    signedIn(account: string, wallet: 'key' | 'contract') {
      signIns.inc(wallet)
      logger.info('signed in', { account, wallet })
    },
    roundFailed(loop: string, error: unknown) {
      rounds.inc(loop)
      logger.error('round failed', { loop, ...factsOf(error) })
    },
    depositChanged(facts: { depositId: string; account: string; state: string }) {
      states.inc(facts.state)
      logger.info('deposit changed', facts)
    },
    /** The same deposit counts for another account: two say that it is theirs, which verifiers do not. */
    depositTaken(facts: { depositId: string; account: string }) {
      logger.error('deposit is credited to another account', facts)
    },
    verifierFailed(facts: { verifier: string; problem: string }) {
      logger.warn('verifier failed', facts)
    },
    /** Deposits are credited later for it. */
    verifiersBusy(pauseMs: number) {
      logger.warn('verifiers refuse to be asked so much', { pauseMs })
    },
    letterTried(facts: { letterId: string; attempts: number; problem: string | undefined }) {
      letters.inc(facts.problem === undefined ? 'delivered' : 'failed')
      logger.info('letter tried', facts)
    },
  }
}

/**
 * A message of a database or of a client may quote what it was given, so that only an error's name, its code and its
 * place in our code are told.
 */
function factsOf(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error }
  const { errno, constraint } = error as { errno?: unknown; constraint?: unknown }
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, errno, constraint, at: places.slice(0, placesMax) }
}

const placesMax = 6
