import type { ClassifiedError, FailedReply, RevealedBlock } from '@mooring/chains/family'
import type { RelayProof } from '../agents/relay-session.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { withoutAddresses } from './without-addresses.ts'

/** What one attempt came to. All are kept, the losers too: the scorer and the trace need them. */
export type Outcome = {
  upstream: Upstream
  reason: AttemptReason
  startedMs: number
  tookMs: number
  /** Hash of the block that the request was pinned to; undefined when it named it by number, or none. */
  pin?: string | undefined
  verdict: Verdict
  /** Of a node with an agent; see `Reply`. */
  proof?: RelayProof | undefined
  signedAnswer?: string | undefined
}

export type AttemptReason =
  | 'first'
  | 'failover'
  | 'hedge'
  | 'second opinion'
  | 'next block'
  | 'look-up'

export type Verdict =
  /**
   * block: one that the result shows to exist. pending: it is a transaction in no block yet. strayed: it
   * names a block in the place of one that providers agree on.
   */
  | {
      kind: 'ok'
      /** Parsed when it is looked at. */
      readonly result: unknown
      resultJson: string
      block: RevealedBlock | undefined
      pending: boolean
      strayed: boolean
    }
  | { kind: 'failed'; error: ClassifiedError; reply: FailedReply; sent: boolean }

/** Every attempt in order of finishing; `answer` is the decisive one, undefined when no upstream was fit. */
export type RelayResult = {
  /** Whether sending the request again changes nothing that the first sending did not. */
  isRepeatable: boolean
  answer: Outcome | undefined
  outcomes: Outcome[]
  /** Of a request that took several relays those that answered its parts; left out where `answer` is all there is. */
  accepted?: Outcome[] | undefined
  outrun: OutrunAttempt[]
}

/** An attempt that was still running when another had answered. */
export type OutrunAttempt = { upstream: Upstream; reason: AttemptReason; startedMs: number }

/** A look-up that found nothing. */
export function isNull(verdict: Verdict): boolean {
  return verdict.kind === 'ok' && verdict.resultJson === 'null'
}

const detailLength = 160

/** The failure in a few words, for operators; no upstream address stands in it. */
export function describe({ reply }: { reply: FailedReply }): string {
  switch (reply.kind) {
    case 'transport':
      return reply.detail === undefined ? reply.fault : `${reply.fault}: ${reply.detail}`
    case 'http':
      return `HTTP ${reply.status}`
    case 'error':
      return `${reply.code} ${withoutAddresses(reply.message)}`.slice(0, detailLength)
  }
}
