import type { FailureCode } from '@mooring/protocol/failures'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import type { ReloadReport } from '@mooring/protocol/reports/reload'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'
import { agentEvents } from './events-agents.ts'
import { createMarketEvents } from './events-market.ts'
import type { Exchange, RpcAnswer } from './exchange.ts'
import { describe, type Verdict } from './relay/outcome.ts'
import type { ServedChain } from './upstreams/served-chain.ts'
import type { Upstream } from './upstreams/upstream.ts'

/** Everything the gateway tells about itself. Labels are few-valued: a method outside the table is `other`. */
export type Events = ReturnType<typeof createEvents>

const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export function createEvents(logger: Logger, meters: Meters) {
  const meterSet = createMeterSet(meters)
  return {
    ...processEvents(logger, meterSet),
    ...accessEvents(logger, meterSet),
    ...meterEvents(logger, meterSet),
    ...agentEvents(logger, meterSet),
    ...upstreamEvents(logger, meterSet),
    ...createMarketEvents(logger, meters),
  }
}

export type MeterSet = ReturnType<typeof createMeterSet>

function processEvents(logger: Logger, m: MeterSet) {
  return {
    started(addresses: { url: string; adminUrl: string }) {
      logger.info('gateway started', addresses)
    },
    stopping(signal: string) {
      logger.info('gateway stopping', { signal })
    },
    stopped(facts: { unfinished: number }) {
      logger.info('gateway stopped', facts)
    },

    storeMeasured({ bytes, entries }: { bytes: number; entries: number }) {
      m.storeBytes.set(bytes)
      m.storeAnswers.set(entries)
    },

    reloaded({ applied, problems, changes, chains }: ReloadReport) {
      const level = problems.length > 0 ? 'warn' : 'info'
      const message = applied ? 'configuration reloaded' : 'configuration left as it was'
      logger[level](message, { problems, changes, chains })
    },

    /** A single request or batch item was answered. */
    answered(exchange: Exchange, answer: RpcAnswer, tookMs: number) {
      const { chain, caller, source } = exchange
      const result = answer.kind === 'result' ? 'ok' : answer.failure
      m.requests.inc(chain.name, caller.tier, source, result)
      m.requestSeconds.observe(tookMs / 1_000, chain.name, source)
      if (!logger.isDebug) return
      logger.debug('request answered', {
        traceId: exchange.traceId,
        chain: chain.name,
        method: exchange.request.method,
        caller: caller.name,
        source,
        result,
        tookMs,
      })
    },
    /** A whole HTTP request was refused before it became a JSON-RPC request. */
    refused(failure: string, traceId: string) {
      m.refusals.inc(failure)
      logger.debug('request refused', { failure, traceId })
    },
    /** Something that must not happen; told to operators in full and to consumers not at all. */
    broke(error: unknown, traceId: string) {
      m.refusals.inc('INTERNAL')
      const stack = error instanceof Error ? error.stack : String(error)
      logger.error('request broke', { traceId, stack })
    },
  }
}

function accessEvents(logger: Logger, m: MeterSet) {
  return {
    /** A key or a token that was not known was looked up. */
    keyLookedUp(result: 'found' | 'refused' | 'unclear') {
      m.keyLookUps.inc(result)
    },
    /** @param why - What came instead of an answer; undefined when it answers again. */
    sourceChanged(source: string, why: string | undefined) {
      if (why === undefined) logger.info('source of keys answers', { source })
      else logger.warn('source of keys does not answer', { source, why })
    },
    agreementRefused(file: string, why: string) {
      logger.error('agreement is not used', { file, why })
    },
  }
}

function meterEvents(logger: Logger, m: MeterSet) {
  let silence: string | undefined
  const witnesses = new Map<number, string | undefined>()
  return {
    /** @param number - Of the configuration, from 1. @param why - What came instead of an answer; undefined when it answers. */
    witnessChanged(number: number, why: string | undefined) {
      m.meterCopies.inc(why === undefined ? 'ok' : 'failed')
      if (witnesses.has(number) && witnesses.get(number) === why) return
      witnesses.set(number, why)
      if (why === undefined) logger.info('witness answers', { number })
      else logger.warn('witness does not answer', { number, why })
    },
    /** What was used in one turn of the event loop. */
    usageWritten() {
      m.meterWrites.inc()
    },
    /** A request waits for credits. */
    meterWaited() {
      m.meterWaits.inc()
    },
    /** A request was not served because it could not be paid, or not be charged. */
    meterRefused(failure: FailureCode) {
      m.meterRefusals.inc(failure)
    },
    /** Of an account that has had more such failures than cost nothing. */
    failureCharged(failure: FailureCode) {
      m.meterFailures.inc(failure)
    },
    ledgerAnswered() {
      m.meterPosts.inc('ok')
      if (silence !== undefined) logger.info('ledger answers')
      silence = undefined
    },
    ledgerSilent(why: string) {
      m.meterPosts.inc('failed')
      if (silence !== why) logger.warn('ledger does not answer', { why })
      silence = why
    },
    pricesTaken(named: { hash: string; isKnown: boolean }) {
      if (named.isKnown) logger.info('prices are in force', named)
      else logger.error('prices in force are not here: nothing is served for credits', named)
    },
    epochBegan(epoch: number) {
      logger.info('meter began an epoch', { epoch })
    },
    epochEnded(epoch: number, why: string) {
      logger.error('ledger has ended the epoch of the meter: another one begins', { epoch, why })
    },
    /** @param why - Why the ledger does not take it, and its files are kept; undefined when it is in the books. */
    epochRecovered({
      epoch,
      frames,
      why,
    }: {
      epoch: number
      frames: number
      why: string | undefined
    }) {
      if (why === undefined)
        logger.info('usage of an earlier run is in the books', { epoch, frames })
      else logger.error('ledger refuses usage of an earlier run', { epoch, frames, why })
    },
    meterFenced(epoch: number) {
      logger.error('another process has begun under the name of this instance', { epoch })
    },
    meterWriteFailed(error: unknown) {
      const why = String(Object(error).code ?? 'unknown')
      logger.error('usage cannot be written, so nothing is served for credits', { why })
    },
    meterWrites() {
      logger.info('usage can be written again')
    },
    meterMeasured({ state, leaseMs }: Pick<MeterReport, 'state' | 'leaseMs'>) {
      m.meterLease.set(state === 'serving' ? leaseMs / 1_000 : 0)
    },
  }
}

function upstreamEvents(logger: Logger, m: MeterSet) {
  return {
    attempted(
      chain: ServedChain,
      upstream: Upstream,
      facts: { request: RpcRequest; verdict: Verdict; tookMs: number },
    ) {
      const { verdict, tookMs } = facts
      const result = verdict.kind === 'ok' ? 'ok' : verdict.error.class
      m.relays.inc(chain.name, upstream.id, result)
      m.relaySeconds.observe(tookMs / 1_000, chain.name, upstream.id)
      if (verdict.kind === 'ok' || verdict.error.known) return
      m.unknownErrors.inc(chain.name, upstream.id)
      logger.warn('upstream error of unknown class', {
        chain: chain.name,
        upstream: upstream.id,
        method: facts.request.method,
        detail: describe(verdict),
      })
    },
    cordoned(chain: ServedChain, upstream: Upstream, why: string) {
      m.cordons.inc(chain.name, upstream.id)
      logger.warn('upstream cordoned', { chain: chain.name, upstream: upstream.id, why })
    },
    uncordoned(chain: ServedChain, upstream: Upstream) {
      logger.info('upstream let back in', { chain: chain.name, upstream: upstream.id })
    },
    /** It is served by no longer; nobody rates it any more. */
    removed(chain: ServedChain, upstream: Upstream) {
      m.score.set(0, chain.name, upstream.id)
    },
    /** @param why - What came instead of an answer; undefined when it answers. */
    answeringChanged(chain: ServedChain, upstream: Upstream, why: string | undefined) {
      const facts = { chain: chain.name, upstream: upstream.id }
      if (why === undefined) logger.info('upstream answers height queries', facts)
      else logger.warn('upstream does not answer height queries', { ...facts, why })
    },
    wrongChainId(chain: ServedChain, upstream: Upstream, reported: number | undefined) {
      logger.error('upstream serves another chain', {
        chain: chain.name,
        upstream: upstream.id,
        expected: chain.definition.chainId,
        reported: reported ?? 'unreadable',
      })
    },
    /** Another fork has taken the place of the last blocks. */
    reorganised(chain: ServedChain, depthBlocks: number) {
      m.reorganisations.inc(chain.name)
      logger.info('blocks were replaced by another fork', { chain: chain.name, depthBlocks })
    },
    startedAnew(chain: ServedChain) {
      logger.warn('the chain has started anew', { chain: chain.name })
    },
    /** The head of a whole chain stands still: nobody is cordoned for it, operators should look. */
    chainStalled(chain: ServedChain) {
      logger.warn('the head of the chain stands still', {
        chain: chain.name,
        headBlock: chain.headBlock,
        headAgeMs: Math.round(chain.headAgeMs),
      })
    },
    reviewed(chain: ServedChain) {
      if (chain.headBlock !== undefined) m.head.set(chain.headBlock, chain.name)
      if (chain.finalBlock !== undefined) m.finalBlock.set(chain.finalBlock, chain.name)
      m.headAge.set(chain.headAgeMs / 1_000, chain.name)
      for (const upstream of chain.upstreams) {
        m.score.set(upstream.score.score, chain.name, upstream.id)
      }
    },
  }
}

function createMeterSet(meters: Meters) {
  const perUpstream = ['chain', 'upstream'] as const
  return {
    ...createUsageMeters(meters),
    ...createAgentMeters(meters),
    requests: meters.counter('mooring_gateway_requests_total', 'JSON-RPC requests answered', [
      'chain',
      'tier',
      'source',
      'result',
    ]),
    requestSeconds: meters.histogram(
      'mooring_gateway_request_seconds',
      'Time from a parsed request to its answer',
      { labels: ['chain', 'source'], buckets: latencyBuckets },
    ),
    refusals: meters.counter(
      'mooring_gateway_refusals_total',
      'HTTP requests refused before they became JSON-RPC requests',
      ['failure'],
    ),
    keyLookUps: meters.counter(
      'mooring_gateway_key_look_ups_total',
      'Keys and tokens that were not known and were looked up',
      ['result'],
    ),
    relays: meters.counter('mooring_gateway_relays_total', 'Attempts at upstreams', [
      ...perUpstream,
      'result',
    ]),
    relaySeconds: meters.histogram('mooring_gateway_relay_seconds', 'Time of one attempt', {
      labels: perUpstream,
      buckets: latencyBuckets,
    }),
    unknownErrors: meters.counter(
      'mooring_gateway_unknown_errors_total',
      'Upstream errors that no row of the error table recognised',
      perUpstream,
    ),
    cordons: meters.counter('mooring_gateway_cordons_total', 'Times taken out', perUpstream),
    score: meters.gauge('mooring_gateway_upstream_score', 'Score 1-10, 0 while gated', perUpstream),
    storeBytes: meters.gauge('mooring_gateway_store_bytes', 'Memory of answers kept', []),
    storeAnswers: meters.gauge('mooring_gateway_store_answers', 'Answers kept', []),
    reorganisations: meters.counter(
      'mooring_gateway_reorganisations_total',
      'Times that another fork took the place of the last blocks',
      ['chain'],
    ),
    finalBlock: meters.gauge('mooring_gateway_final_blocks', 'Highest block that is final', [
      'chain',
    ]),
    head: meters.gauge('mooring_gateway_head_blocks', 'Head the gateway serves', ['chain']),
    headAge: meters.gauge('mooring_gateway_head_age_seconds', 'Time since the head moved', [
      'chain',
    ]),
  }
}

function createAgentMeters(meters: Meters) {
  return {
    agentTroubles: meters.counter(
      'mooring_gateway_agent_troubles_total',
      'Sessions and receipts that an agent did not give',
      ['upstream'],
    ),
    provenRelays: meters.counter(
      'mooring_gateway_proven_relays_total',
      'Relays with a receipt of both ends',
      ['upstream'],
    ),
    provenCredits: meters.counter(
      'mooring_gateway_proven_credits_total',
      'Credits that receipts prove',
      ['upstream'],
    ),
    unprovenRelays: meters.counter(
      'mooring_gateway_unproven_relays_total',
      'Relays that were delivered and will have no receipt',
      ['upstream'],
    ),
  }
}

function createUsageMeters(meters: Meters) {
  return {
    meterWrites: meters.counter(
      'mooring_gateway_meter_writes_total',
      'Times that usage was written to the log; requests answered at once share one',
      [],
    ),
    meterWaits: meters.counter(
      'mooring_gateway_meter_waits_total',
      'Requests that waited for credits of the ledger',
      [],
    ),
    meterFailures: meters.counter(
      'mooring_gateway_meter_charged_failures_total',
      'Failed requests that were charged, as their account has had more of them than cost nothing',
      ['failure'],
    ),
    meterRefusals: meters.counter(
      'mooring_gateway_meter_refusals_total',
      'Requests that were not served because they could not be paid or charged',
      ['failure'],
    ),
    meterPosts: meters.counter('mooring_gateway_meter_posts_total', 'Posts to the ledger', [
      'result',
    ]),
    meterCopies: meters.counter(
      'mooring_gateway_meter_copies_total',
      'Times that usage was sent to a witness',
      ['result'],
    ),
    meterLease: meters.gauge(
      'mooring_gateway_meter_lease_seconds',
      'How long credits hold if the ledger says nothing more; 0 while nothing is served for credits',
      [],
    ),
  }
}
