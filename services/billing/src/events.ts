import type { Discrepancy } from '@mooring/store/ledger/check'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'

/** Of a list in the log. */
const namedMax = 20

/** Everything this service tells about itself. No field holds a credential or an address of ours. */
export type Events = ReturnType<typeof createEvents>

export function createEvents(logger: Logger, meters: Meters) {
  const rounds = meters.counter('billing_failed_rounds_total', 'Rounds that failed', ['loop'])
  const posts = meters.counter('billing_posts_total', 'Posts of gateways by what came of them', [
    'result',
  ])
  const lines = meters.counter('billing_usage_lines_total', 'Lines of usage that were booked', [])
  const late = meters.counter(
    'billing_late_credits_total',
    'Credits charged that no lease stood for',
    [],
  )
  const uncollected = meters.counter(
    'billing_uncollected_credits_total',
    'Credits used for which nothing was left',
    [],
  )
  const differing = meters.gauge('billing_discrepancies', 'What is not as it must be', ['check'])
  const closed = meters.counter('billing_epochs_closed_total', 'Gateways taken for gone', [])
  const chainEpoch = meters.gauge(
    'billing_chain_epochs',
    'Epochs of the settlement chain that are over: charges count to the one after them',
    [],
  )
  return {
    ...witnessEvents(logger, meters),
    ...chainEvents(logger, meters),
    ...chargeEvents(logger, meters),
    ...closingEvents(logger, meters),
    ...relayEvents(logger, meters),
    started(addresses: { url: string }) {
      logger.info('billing started', addresses)
    },
    stopping(signal: string) {
      logger.info('billing stopping', { signal })
    },
    /** Something that must not happen; told to operators and to nobody else. */
    broke(error: unknown, route: string) {
      logger.error('request broke', { route, ...factsOf(error) })
    },
    roundFailed(loop: string, error: unknown) {
      rounds.inc(loop)
      logger.error('round failed', { loop, ...factsOf(error) })
    },
    termsRead({ epoch }: { epoch: bigint }) {
      chainEpoch.set(Number(epoch))
    },
    epochBegan(facts: { instance: string; epoch: number }) {
      logger.info('gateway began', facts)
    },
    epochClosed(facts: { instance: string; epoch: string }) {
      closed.inc()
      logger.warn('gateway is taken for gone', facts)
    },
    posted(usageLines: number) {
      posts.inc('booked')
      lines.add(usageLines)
    },
    postRefused(facts: { instance: string; error: string }) {
      posts.inc(facts.error)
      logger.warn('post refused', facts)
    },
    /** A gateway used what it had no lease for: its epoch had ended, or it is not honest. */
    usedWithoutLease(facts: { instance: string; late: bigint; uncollected: bigint }) {
      late.add(Number(facts.late))
      uncollected.add(Number(facts.uncollected))
      const { instance } = facts
      logger.error('used without a lease', {
        ...{ instance, late: String(facts.late), uncollected: String(facts.uncollected) },
      })
    },
    checked(check: string, discrepancies: readonly Discrepancy[]) {
      differing.set(discrepancies.length, check)
      for (const { account, detail } of discrepancies) {
        logger.error('the books are wrong', { check, account, detail })
      }
    },
  }
}

function chainEvents(logger: Logger, meters: Meters) {
  const booked = meters.counter('billing_deposits_booked_total', 'Changes of deposits booked', [
    'asset',
  ])
  const uncredited = meters.gauge(
    'billing_uncredited_deposits',
    'Deposits that are final on chain and not in the books yet',
    [],
  )
  const toldAgain = meters.counter(
    'billing_deposits_told_again_total',
    'Final deposits that verifiers had to be asked about anew',
    [],
  )
  const chain = meters.counter(
    'billing_chain_events_booked_total',
    'Events of the escrows booked',
    ['kind'],
  )
  return {
    depositBooked(facts: { account: string; asset: string; tokens: bigint; credits: bigint }) {
      booked.inc(facts.asset)
      const { account, asset, tokens, credits } = facts
      logger.info('deposit booked', {
        ...{ account, asset, tokens: String(tokens), credits: String(credits) },
      })
    },
    /** @param told - Of them, those that nobody was asked about any more, and that are asked about anew. */
    depositsUncredited({ count, told }: { count: number; told: number }) {
      uncredited.set(count)
      if (told === 0) return
      toldAgain.add(told)
      logger.warn('final deposits are not credited, and asked about anew', { count, told })
    },
    chainEventBooked(facts: { account: string; kind: string; amount: bigint; missing: bigint }) {
      chain.inc(facts.kind)
      const { account, kind, amount, missing } = facts
      const told = { account, kind, amount: String(amount), missing: String(missing) }
      if (missing > 0n) logger.error('the chain moved more than the books know of', told)
      else logger.info('chain event booked', told)
    },
    /** `unattested`: tokens that went out again before verifiers had attested that they came. */
    lifeClosed(facts: { account: string; asset: string; unattested: bigint }) {
      const { account, asset, unattested } = facts
      logger.warn('deposits were withdrawn before they were credited, and count for nothing', {
        ...{ account, asset, unattested: String(unattested) },
      })
    },
  }
}

function chargeEvents(logger: Logger, meters: Meters) {
  const made = meters.counter('billing_charge_files_total', 'Files of charge roots made', ['asset'])
  return {
    /** @param waiting - Base units that the cap of the period leaves to later ones. */
    chargeFileMade(facts: { asset: string; rootId: bigint; leaves: number; waiting: bigint }) {
      made.inc(facts.asset)
      const { asset, rootId, leaves, waiting } = facts
      const told = { asset, rootId: String(rootId), leaves, waiting: String(waiting) }
      if (waiting > 0n) logger.warn('charge file made, and the cap leaves some of it out', told)
      else logger.info('charge file made', told)
    },
  }
}

function relayEvents(logger: Logger, meters: Meters) {
  const reports = meters.counter('billing_relay_reports_total', 'Reports of gateways on nodes', [])
  const refused = meters.counter(
    'billing_refused_receipts_total',
    'Receipts that gateways brought and that were not taken',
    [],
  )
  return {
    relaysReported(facts: { work: number; receipts: number }) {
      reports.inc()
      if (logger.isDebug) logger.debug('relays reported', facts)
    },
    /** A gateway brought what it cannot have from its own book. */
    receiptRefused(facts: { run: string; why: string }) {
      refused.inc()
      logger.error('receipt refused', facts)
    },
  }
}

function closingEvents(logger: Logger, meters: Meters) {
  const made = meters.counter('billing_epoch_files_total', 'Files of epochs made', [])
  const omitted = meters.counter(
    'billing_omitted_receipts_total',
    'Receipts that are not in the file of their epoch',
    ['why'],
  )
  const blocked = meters.counter(
    'billing_blocked_epochs_total',
    'Looks at an epoch that is over and gets no file',
    ['why'],
  )
  return {
    epochFileMade(facts: {
      epoch: bigint
      first: bigint
      charges: number
      receipts: number
      payoutsTotal: bigint
      withheldTotal: bigint
    }) {
      made.inc()
      const { epoch, first, payoutsTotal, withheldTotal, ...counts } = facts
      logger.info('epoch file made', {
        ...{ epoch: String(epoch), first: String(first), ...counts },
        ...{ payoutsTotal: String(payoutsTotal), withheldTotal: String(withheldTotal) },
      })
    },
    /** @param nodes - Nodes that did something and that the registry does not have. */
    epochOmits(facts: {
      epoch: bigint
      receipts: Readonly<Record<string, number>>
      nodes: readonly bigint[]
    }) {
      const { epoch, receipts, nodes } = facts
      for (const [why, count] of Object.entries(receipts)) {
        omitted.add(count, why)
        logger.warn('receipts are left out of an epoch', { epoch: String(epoch), why, count })
      }
      if (nodes.length === 0) return
      const some = nodes.slice(0, namedMax).map(String).join(', ')
      const told = { epoch: String(epoch), count: nodes.length, nodes: some }
      logger.warn('nodes that the registry does not have are left out of an epoch', told)
    },
    epochFileWrong(facts: { epoch: bigint; path: string; expected: string; found: string }) {
      blocked.inc('wrong')
      logger.error('the file of an epoch would not hold', { ...facts, epoch: String(facts.epoch) })
    },
    /** What was posted last is of another operator, or of another database. */
    previousEpochUnknown(facts: { epoch: bigint; dataHash: string }) {
      blocked.inc('previous')
      const { epoch, dataHash } = facts
      const told = { epoch: String(epoch), dataHash }
      logger.error('there is no file of the epoch that was posted last', told)
    },
    epochFileOverlaid(facts: { epoch: bigint; previous: bigint | null }) {
      blocked.inc('overlaid')
      const { epoch, previous } = facts
      logger.error('the file of an epoch goes on from one that was disabled: the next closes it', {
        ...{ epoch: String(epoch), previous: String(previous) },
      })
    },
  }
}

function witnessEvents(logger: Logger, meters: Meters) {
  const copied = meters.counter(
    'billing_copied_frames_total',
    'Frames of gateways that are gone, booked by their copies',
    [],
  )
  const silences = meters.counter(
    'billing_witness_silences_total',
    'Times that a witness did not answer',
    [],
  )
  const unwitnessed = meters.counter(
    'billing_unwitnessed_epochs_total',
    'Gateways closed while a witness that may have copies did not answer',
    [],
  )
  return {
    /** What a gateway that is gone had not posted was charged by its copies. */
    copiesBooked(facts: { instance: string; epoch: string; from: number; to: number }) {
      copied.add(facts.to - facts.from + 1)
      logger.warn('frames booked by their copies', facts)
    },
    /** @param number - Of the configuration, from 1. */
    witnessSilent(facts: { number: number; why: string }) {
      silences.inc()
      logger.error('witness does not answer', facts)
    },
    /** What a witness that does not answer may have of it is charged when it answers again. */
    closedWithoutWitness(facts: { instance: string; epoch: string }) {
      unwitnessed.inc()
      logger.error('gateway that is gone is closed without all of its copies', facts)
    },
  }
}

/** A message of a database may quote what it was given, so only an error's name, code and place in our code are told. */
export function factsOf(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error }
  const { errno, constraint } = error as { errno?: unknown; constraint?: unknown }
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: error.name, errno, constraint, at: places.slice(0, placesMax) }
}

const placesMax = 6
