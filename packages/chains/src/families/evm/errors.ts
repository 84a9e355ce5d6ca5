import type { ErrorClass } from '../../family.ts'

/** The node did its work and this is its answer: nothing to try again, nobody to blame. */
const answer = {
  elsewhere: 'never',
  later: 'no',
  score: 'success',
  learn: 'nothing',
  cache: 'never',
  native: true,
} as const

/** The request itself is wrong. The node's own words tell the caller best what is. */
const callerFault = { ...answer, failure: 'INVALID_PARAMS', score: 'neutral' } as const

/** A healthy node that cannot help with this request. */
const limitOfNode = {
  elsewhere: 'always',
  later: 'no',
  score: 'neutral',
  learn: 'nothing',
  cache: 'never',
  native: false,
} as const

/** The node, or what stands in front of it, is broken. */
const nodeFault = { ...limitOfNode, score: 'major' } as const

/**
 * What follows from each class of error, for every EVM chain. `error-signals.ts` tells how a class is
 * recognised. Whether the relay is charged follows from `failure`.
 */
export const errorClasses = {
  /**
   * An error nobody has seen before. Another node is asked, nothing is learned, kept or charged; if all
   * say the same, the caller reads the node's own words.
   */
  UNKNOWN: { ...limitOfNode, failure: 'UPSTREAM_FAILED', score: 'minor', native: true },

  TRANSPORT_UNREACHABLE: { ...nodeFault, failure: 'UPSTREAM_UNREACHABLE', later: 'coolDown' },
  /** The request may have been carried out: repeating a write is decided by the method's policy. */
  TRANSPORT_LOST: { ...nodeFault, failure: 'UPSTREAM_UNREACHABLE' },
  /** What is slow on one node may be slow on any, as traces and wide searches are. */
  TIMEOUT: { ...nodeFault, failure: 'UPSTREAM_TIMEOUT', score: 'minor' },
  EXECUTION_TIMEOUT: { ...nodeFault, failure: 'UPSTREAM_TIMEOUT', score: 'minor' },
  BAD_GATEWAY: { ...nodeFault, failure: 'UPSTREAM_FAILED', later: 'coolDown' },
  MALFORMED_ANSWER: { ...nodeFault, failure: 'UPSTREAM_MALFORMED' },
  /** Our own limit on answers. A second opinion only, as an honest answer is as long elsewhere. Nodes did the work. */
  OVERSIZED_ANSWER: { ...limitOfNode, failure: 'ANSWER_TOO_LARGE', elsewhere: 'once' },

  RATE_LIMIT: {
    ...limitOfNode,
    failure: 'UPSTREAM_THROTTLED',
    later: 'coolDown',
    learn: 'throttled',
  },
  /** Every node forwards to the one sequencer that counts the sender, so no other node helps. */
  SENDER_RATE_LIMIT: { ...answer, failure: 'UPSTREAM_THROTTLED', later: 'coolDown' },
  BILLING: { ...limitOfNode, failure: 'UPSTREAM_REFUSED', later: 'operator', learn: 'refused' },
  /** The gateway's own key is refused; the caller must never read it as a refusal of his. */
  UNAUTHORISED: { ...nodeFault, failure: 'UPSTREAM_REFUSED', later: 'operator', learn: 'refused' },
  /**
   * A firewall in front of the node. It may dislike one request's content, so nothing is learned: a
   * caller must not be able to take nodes out of selection by what he writes in his params.
   */
  REQUEST_BLOCKED: {
    ...limitOfNode,
    failure: 'UPSTREAM_REFUSED',
    later: 'coolDown',
    score: 'minor',
  },

  METHOD_UNSUPPORTED: {
    ...limitOfNode,
    failure: 'METHOD_NOT_FOUND',
    learn: 'methodUnsupported',
    cache: 'minutes',
    native: true,
  },
  /** The vendor sells the method on a dearer plan. Its advertisement is not for the caller. */
  METHOD_PLAN_GATED: {
    ...limitOfNode,
    failure: 'UPSTREAM_REFUSED',
    learn: 'methodUnsupported',
  },
  /** The vendor sells old state on a dearer plan: for this gateway the node is a pruned one. */
  ARCHIVE_PLAN_GATED: { ...limitOfNode, failure: 'BLOCK_UNAVAILABLE', learn: 'pruned' },
  /** Native, because libraries read the range that would work from the node's text. */
  RANGE_TOO_LARGE: {
    ...limitOfNode,
    failure: 'RANGE_TOO_WIDE',
    learn: 'rangeLimit',
    native: true,
  },
  TOO_MANY_ADDRESSES: { ...limitOfNode, failure: 'REQUEST_TOO_LARGE', native: true },
  /** Of a batch the gateway put together, so not a word of it to the caller. */
  BATCH_LIMIT: { ...limitOfNode, failure: 'UPSTREAM_FAILED', learn: 'batchLimit' },
  BODY_TOO_LARGE: { ...limitOfNode, failure: 'REQUEST_TOO_LARGE' },

  PRUNED_STATE: { ...limitOfNode, failure: 'BLOCK_UNAVAILABLE', learn: 'pruned' },
  /** Blocks and receipts are gone, not only state. */
  PRUNED_HISTORY: { ...limitOfNode, failure: 'BLOCK_UNAVAILABLE', learn: 'pruned' },
  /**
   * Near the head the node has not got it yet, far below it never will, and a made-up hash is known to
   * nobody: the text does not say which, so nothing is learned from it.
   */
  MISSING_BLOCK: {
    ...limitOfNode,
    failure: 'RESOURCE_NOT_FOUND',
    later: 'blockTime',
    native: true,
  },
  AHEAD_OF_HEAD: {
    ...limitOfNode,
    failure: 'UPSTREAM_BEHIND',
    later: 'blockTime',
    learn: 'behind',
    native: true,
  },
  INDEXING: { ...limitOfNode, failure: 'BLOCK_UNAVAILABLE', later: 'coolDown', native: true },
  TAG_UNSUPPORTED: {
    ...limitOfNode,
    failure: 'BLOCK_UNAVAILABLE',
    learn: 'tagUnsupported',
    native: true,
  },
  SYNCING: { ...limitOfNode, failure: 'UPSTREAM_BEHIND', later: 'coolDown', learn: 'behind' },

  REVERT: { ...answer, failure: 'EXECUTION_REVERTED', cache: 'likeResult' },
  /** Not kept: how much gas a call may burn is each node's own setting. */
  EVM_HALT: { ...answer, failure: 'EXECUTION_REVERTED' },
  /** A pool that simulates what it accepts can be wrong about it; the next pool may not be. */
  EVM_HALT_ON_SEND: {
    ...limitOfNode,
    failure: 'TRANSACTION_REJECTED',
    elsewhere: 'once',
    native: true,
  },

  /** The transaction is where it should be: the write path turns this into its hash. */
  ALREADY_KNOWN: { ...answer, failure: 'TRANSACTION_REJECTED', resend: 'accepted' },
  /** May be the echo of an earlier delivery: the write path looks the hash up before it answers. */
  NONCE_TOO_LOW: { ...answer, failure: 'TRANSACTION_REJECTED', resend: 'lookUp' },
  /** A node that lags does not know the transactions between. */
  NONCE_TOO_HIGH: {
    ...answer,
    failure: 'TRANSACTION_REJECTED',
    elsewhere: 'ifBehind',
    score: 'neutral',
  },
  /** A node that lags does not know of the deposit. */
  FUNDS: { ...answer, failure: 'TRANSACTION_REJECTED', elsewhere: 'ifBehind', score: 'neutral' },
  /** The traced transaction was mined, so its sender had the funds: the node's replay is wrong. */
  FUNDS_IN_TRACE: { ...limitOfNode, failure: 'UPSTREAM_FAILED', score: 'minor', native: true },
  UNDERPRICED: { ...answer, failure: 'TRANSACTION_REJECTED' },
  /** Pools differ in what they hold, so one other is asked. */
  HIGHER_PRIORITY: {
    ...limitOfNode,
    failure: 'TRANSACTION_REJECTED',
    elsewhere: 'once',
    native: true,
  },
  /** A limit of this node's pool or settings, such as its cap on fees; not of the chain. */
  POOL_FULL: { ...limitOfNode, failure: 'UPSTREAM_FAILED', later: 'blockTime', native: true },
  GAS_OR_SIZE_INVALID: { ...answer, failure: 'TRANSACTION_REJECTED' },
  SENDER_NOT_ALLOWED: { ...answer, failure: 'TRANSACTION_REJECTED' },
  MALFORMED_TRANSACTION: { ...callerFault },
  /** Upgrades reach nodes at different times, so one other is asked. */
  UNSUPPORTED_TRANSACTION_TYPE: {
    ...limitOfNode,
    failure: 'TRANSACTION_REJECTED',
    elsewhere: 'once',
    native: true,
  },
  /** Refused without a reason we know. */
  TRANSACTION_REFUSED: {
    ...limitOfNode,
    failure: 'TRANSACTION_REJECTED',
    elsewhere: 'once',
    native: true,
  },

  INVALID_PARAMS_SPECIFIC: { ...callerFault },
  /** Says nothing of what is wrong, and may be an old node that does not know a newer form. */
  INVALID_PARAMS_GENERIC: {
    ...limitOfNode,
    failure: 'INVALID_PARAMS',
    elsewhere: 'once',
    native: true,
  },
  /** The gateway writes the JSON, so what cannot read it is broken. */
  UPSTREAM_PARSE_ERROR: { ...nodeFault, failure: 'UPSTREAM_MALFORMED', score: 'minor' },
} as const satisfies Record<string, ErrorClass>

export type ErrorClassName = keyof typeof errorClasses
