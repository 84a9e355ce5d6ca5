import type { ChainFailure } from '@mooring/onchain/failures'
import type { SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'
import { BaseError } from 'viem'
import type { VerifierAnswer } from './verifiers/ask-verifier.ts'

/** Everything a keeper tells about itself. No field holds an address of ours. */
export type Events = ReturnType<typeof createEvents>

const gwei = 10n ** 9n

export function createEvents(logger: Logger, meters: Meters) {
  const transactions = meters.counter(
    'keeper_transactions_total',
    'Transactions by chore and what came of them',
    ['chore', 'result'],
  )
  const fees = meters.counter('keeper_gas_gwei_total', 'Paid for gas, in 1e-9 of the coin', [
    'chore',
  ])
  const failed = meters.counter('keeper_failed_rounds_total', 'Rounds that failed', ['chore'])
  const heldUp = meters.counter(
    'keeper_held_up_rounds_total',
    'Rounds that could not be done and were nobody else’s turn',
    ['chore'],
  )
  const said = createChanges()
  return {
    ...verifierEvents(logger, meters, said),
    started(facts: { url: string; address: string }) {
      logger.info('keeper started', facts)
    },
    stopping(signal: string) {
      logger.info('keeper stopping', { signal })
    },
    done(facts: { chore: string; what: string; transaction: string; feeWei: bigint }) {
      transactions.inc(facts.chore, 'done')
      fees.add(Number(facts.feeWei / gwei), facts.chore)
      logger.info('done', { ...facts, feeWei: String(facts.feeWei) })
    },
    /** Another keeper did it first: what both wanted is done. */
    overtaken(facts: { chore: string; what: string }) {
      transactions.inc(facts.chore, 'overtaken')
      logger.debug('somebody else did it', facts)
    },
    refused(facts: { chore: string; what: string; failure: ChainFailure }) {
      const { chore, what, failure } = facts
      transactions.inc(chore, 'refused')
      logger.error('a contract refused', { chore, what, why: failure.sentence })
    },
    tooDear(facts: { chore: string; what: string; costWei: bigint; costWeiMax: bigint }) {
      const { chore, what, costWei, costWeiMax } = facts
      transactions.inc(chore, 'too dear')
      if (!said.isNew(`dear ${chore}`, what)) return
      const costs = { costWei: String(costWei), costWeiMax: String(costWeiMax) }
      logger.warn('gas is too dear now', { chore, what, ...costs })
    },
    /** @param costWei - Unknown where there is nothing at all. */
    poor(facts: { chore: string; balanceWei: bigint; costWei: bigint | undefined }) {
      const { chore, balanceWei, costWei } = facts
      transactions.inc(chore, 'poor')
      if (!said.isNew('poor', String(balanceWei))) return
      const amounts = { balanceWei: String(balanceWei), costWei: costWei?.toString() }
      logger.error('the account has too little for gas', { chore, ...amounts })
    },
    /** Something left, and nobody said yet what became of it. */
    unsure(facts: { chore: string; transactions: readonly string[] }) {
      transactions.inc(facts.chore, 'unsure')
      logger.warn('a transaction is not included yet', facts)
    },
    /** One of an earlier run, or one that was given up, took a place before all others. */
    leftBehindReplaced(facts: { nonce: number; transaction: string }) {
      logger.warn('a transaction that nobody includes was replaced by an empty one', facts)
    },
    /** @param why - Told once, until a round went by without. */
    heldUp(chore: string, why: string) {
      if (said.isNew(chore, why)) logger.warn('held up', { chore, why })
    },
    hindered(chore: string) {
      heldUp.inc(chore)
    },
    /** A round went by without anything in its way. */
    unhindered(chore: string) {
      said.forget(chore)
      said.forget(`dear ${chore}`)
    },
    broke(chore: string, error: unknown) {
      failed.inc(chore)
      logger.error('round failed', { chore, ...factsOf(error) })
    },
  }
}

function verifierEvents(logger: Logger, meters: Meters, said: Changes) {
  const answers = meters.counter('keeper_verifier_answers_total', 'Answers of verifiers', [
    'verifier',
    'state',
  ])
  return {
    /** @param number - Of the configuration, from 1. */
    verifierAnswered(facts: { number: number; wish: SettlementWish; answer: VerifierAnswer }) {
      const { number, wish, answer } = facts
      answers.inc(String(number), answer.state)
      const told = { number, ...wish }
      if (!said.isNew(`verifier ${number} ${wish.kind}`, JSON.stringify([wish, answer]))) return
      if (answer.state === 'silent') logger.warn('verifier is silent', { ...told, why: answer.why })
      else if (answer.state === 'refused') {
        logger.warn('verifier refuses', { ...told, reasons: answer.reasons })
      } else logger.info(`verifier ${answer.state}`, told)
    },
    /** A signature that does not count: its verifier is broken, or is not honest. */
    verifierLied(facts: { number: number; wish: SettlementWish; why: string }) {
      const { number, wish, why } = facts
      answers.inc(String(number), 'wrong')
      if (!said.isNew(`verifier ${number} ${wish.kind}`, JSON.stringify([wish, why]))) return
      logger.error('verifier gives a signature that does not count', { number, ...wish, why })
    },
  }
}

type Changes = ReturnType<typeof createChanges>

/** What is the same as before is not told again, since it is found in every round. */
function createChanges() {
  const last = new Map<string, string>()
  return {
    isNew(about: string, what: string): boolean {
      if (last.get(about) === what) return false
      last.set(about, what)
      return true
    },
    forget: (about: string) => void last.delete(about),
  }
}

/** What a library says may hold addresses, so of most errors only the name and the place in our code are told. */
function factsOf(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error }
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const why = error instanceof BaseError ? error.shortMessage : undefined
  return { error: error.name, why, at: places.slice(0, placesMax) }
}

const placesMax = 6
