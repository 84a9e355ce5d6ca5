import type { FailureCode } from '@mooring/protocol/failures'
import type { RpcParams, RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { FamilyName } from './chain.ts'

/**
 * What Mooring must know of an RPC dialect: pure rules over data. One value per family, listed in
 * `families.ts`; a conformance suite runs over every entry.
 */
export type Family = {
  name: FamilyName
  /** The method's row, or the safe row for a method nobody has told us about. */
  policyOf(method: string): MethodPolicy
  /** What a method's name begins with, which tells who defined it. */
  namespaceOf(method: string): string
  /** Which blocks a request needs. Never throws: what it cannot read needs nothing in particular. */
  blockNeedOf(request: RpcRequest): BlockNeed
  /** The same request with each moving tag that is known replaced, where the method's policy asks for it. */
  resolveTags(request: RpcRequest, tags: BlockTags): RpcRequest
  /**
   * The same request with the one block it names by number named by its hash instead, so that no node can
   * answer it from another fork; undefined where the method takes no hash.
   */
  pinTo(request: RpcRequest, blockHash: string): RpcRequest | undefined
  /**
   * A text that is the same for requests that mean the same, whatever their notation; undefined for one
   * whose answer nobody may keep, such as a request for what is pending.
   */
  cacheKeyOf(request: RpcRequest): string | undefined
  /** The range and the rest of a search for logs whose answer is the sum of the answers for its parts. */
  logSearchOf(request: RpcRequest): LogSearch | undefined
  /**
   * Why a request's params cannot be served, in a sentence for its caller; undefined when nothing stands
   * against them. What it passes, `scanRangeOf` measures exactly.
   */
  problemOf(request: RpcRequest): string | undefined
  /** Inclusive range of blocks a log search would scan, tags resolved against the head; undefined when it has none. */
  scanRangeOf(request: RpcRequest, headBlock: number): { from: number; to: number } | undefined
  /** How far the rules on results read into a result of the method, as long as it is of the expected kind. */
  readingOf(method: string): ResultReading
  /** The block an answer proves its upstream has, such as the number of a returned block or receipt. */
  revealedBlockOf(method: string, result: unknown): RevealedBlock | undefined
  /** The block a node described when it was asked for one by number, tag or hash. */
  parseHeader(result: unknown): BlockHeader | undefined
  /** Whether an answer is of a transaction that its node has not seen in a block. */
  isPending(method: string, result: unknown): boolean
  /** The class of an answer that is not a result. Unknown text gets the safe class. */
  classify(reply: FailedReply, context: { method: string }): ClassifiedError
  /** A result that is an error in disguise (a revert selector, a wrong type for the method), or undefined. */
  classifyResult(method: string, result: unknown): ClassifiedError | undefined
  /** Hash that names a signed transaction before it is sent, or undefined when the params hold none. */
  transactionHashOf(request: RpcRequest): string | undefined
  /** Which contracts a request is about. Never throws: what it cannot read may be about any. */
  contractsOf(request: RpcRequest): ContractUse
  /** What a node's key may sign of the answer; undefined for a request whose answer nobody could show to be wrong. */
  signableOf(request: RpcRequest): Signable | undefined
  /** Requests the gateway itself sends to learn about an upstream. */
  probes: {
    /** Its result must equal the definition's chain id. */
    chainId: ProbeRequest
    /** Its result is the upstream's head. */
    height: ProbeRequest
    /** The standard request whose answer time is the probe latency. */
    standard: ProbeRequest
    /** Looks a transaction up by its hash. */
    transactionByHash(hash: string): ProbeRequest
    /** Asks for a block without its transactions; `parseHeader` reads the answer. */
    header(block: number | 'safe' | 'finalized'): ProbeRequest
    headerByHash(hash: string): ProbeRequest
  }
  /** The result of a method whose effect is `local`. */
  localResultOf(method: string, facts: LocalFacts): unknown
  parseChainId(result: unknown): number | undefined
  parseHeight(result: unknown): number | undefined
}

/**
 * kind: whether it is null, a text, a list or an object. members: some members of an object, or the last
 * item of a list, too.
 */
export type ResultReading = 'whole' | 'kind' | { members: readonly string[] }

/** none: it is about no contract in particular. named: by lower-case address. any: there is no telling. */
export type ContractUse =
  | { kind: 'none' }
  | { kind: 'named'; contracts: readonly string[] }
  | { kind: 'any' }

/** An answer that can be signed: about one block, with parameters and value as a contract reads them. */
export type Signable = {
  block: SignableBlock
  /** ABI-encoded parameters, without the block. */
  params: `0x${string}`
  /** The ABI-encoded value of a result, with the hash of the block where it says that; undefined where it has none. */
  read(result: unknown): { value: `0x${string}`; blockHash: `0x${string}` | undefined } | undefined
}

export type SignableBlock =
  | { kind: 'hash'; hash: `0x${string}` }
  | { kind: 'number'; number: number }

/** What a gateway knows by itself. */
export type LocalFacts = {
  chainId: number
  clientVersion: string
  /** The head served; throws when nobody can confirm one. */
  headBlock: () => number
}

/** Where the moving tags stand; those left out are not known. Blocks. */
export type BlockTags = {
  latest?: number | undefined
  safe?: number | undefined
  finalized?: number | undefined
}

export type NamedBlock = { number: number; hash: string }
/** The hash where the answer tells it. */
export type RevealedBlock = { number: number; hash: string | undefined }
export type BlockHeader = NamedBlock & { parentHash: string }

/** A search for logs over numbered blocks. */
export type LogSearch = {
  /** First and last block, both included. */
  from: number
  to: number
  /** What is searched for, apart from the range, as `cacheKeyOf` would write it. */
  key: string
  /** The same search over other blocks. */
  over(from: number, to: number): RpcRequest
}

export type ProbeRequest = { method: string; params: RpcParams }

/** What may be done with a request of this method. Rules are derived from these facts alone. */
export type MethodPolicy = {
  /**
   * Whether the method has a row of its own. Names of all others are the caller's invention: there is no
   * end to them, so nothing may be kept by them for long.
   */
  known: boolean
  /**
   * read: may be repeated, raced and shared. write: changes something; sent once, unless `idempotent`.
   * local: answered by the gateway. refused: never served (node keys, node control).
   * unsupported: not served yet or statefully bound to one node; answered as an unknown method.
   * foreign: of a namespace nobody has told us about, which may steer a node; as a write where the
   * operator names the namespace, else answered as an unknown method.
   */
  effect: 'read' | 'write' | 'local' | 'refused' | 'unsupported' | 'foreign'
  /** A write whose repetition changes nothing, because the transaction's hash names it. */
  idempotent: boolean
  deadline: DeadlineClass
  cache: CacheClass
  /**
   * answer: a null is an answer as any other. elsewhere: it may only mean that this node lacks the
   * thing, so a second provider is asked. missing: as elsewhere, and a node that has the block never
   * says null, so for a block given by its number a null proves that this node lacks the block itself.
   */
  onNull: 'answer' | 'elsewhere' | 'missing'
  /** What data of old blocks a node must hold to answer; decides what a "pruned" answer teaches. */
  needs: 'nothing' | 'block' | 'state' | 'logs' | 'trace'
  /** Its answer depends on transactions that are not in a block yet, which each node knows by itself. */
  readsPool: boolean
  /** Lowest tier that may use the method. */
  tier: 'community' | 'premium'
}

/** quick: look-ups. heavy: execution and scans. trace: re-execution of whole blocks. write: sends. */
export type DeadlineClass = 'quick' | 'heavy' | 'trace' | 'write'

/**
 * static: the same for the chain's life. immutable: final once its block is. byHash: fixed content
 * named by a hash. byBlock: as immutable after its tag is resolved. head: changes with each block.
 * never: not cached.
 */
export type CacheClass = 'static' | 'immutable' | 'byHash' | 'byBlock' | 'head' | 'never'

export type BlockNeed =
  /** Not tied to a block. */
  | { kind: 'none' }
  /** The newest state: latest, pending, or left out. */
  | { kind: 'head' }
  /** Known numbers, both ends included. */
  | { kind: 'range'; from: number; to: number }
  /** A block named by its hash, or a transaction by its own. */
  | { kind: 'hash' }
  /** A tag that stays behind the head: safe, finalized. */
  | { kind: 'tag'; tag: string }

/** How an attempt failed, before it is judged. */
export type FailedReply =
  | { kind: 'transport'; fault: TransportFault; detail?: string | undefined }
  /** An HTTP answer whose body is not a JSON-RPC answer. `text` is its beginning. */
  | { kind: 'http'; status: number; text: string }
  /** A JSON-RPC error. `dataJson` is the error's data as JSON text. */
  | { kind: 'error'; status: number; code: number; message: string; dataJson: string | undefined }

/**
 * unreachable: no connection (refused, DNS, TLS). lost: the connection broke after the request was sent,
 * in the middle of a body too. timeout: no whole answer before the deadline. malformed: not HTTP, not
 * JSON, wrong id.
 * oversized: longer than the limit on answers.
 */
export type TransportFault = 'unreachable' | 'lost' | 'timeout' | 'malformed' | 'oversized'

/**
 * What follows from one class of error: the six outcomes. Whether it is charged follows from `failure`.
 */
export type ErrorClass = {
  /** What the caller is told when the error is final and no native error is kept. */
  failure: FailureCode
  /** Another upstream: always, once (a second opinion), ifBehind (only when this one lags), never. */
  elsewhere: 'always' | 'once' | 'ifBehind' | 'never'
  /** The same upstream later: after one block time, after a cool-down, after an operator acted, or no use. */
  later: 'no' | 'blockTime' | 'coolDown' | 'operator'
  /**
   * What it does to the upstream's record. success: the node did its work. minor: a failure when another
   * node has answered the same request, and nothing otherwise: it may be the request that is odd.
   */
  score: 'success' | 'neutral' | 'minor' | 'major'
  /** What it teaches about the upstream. */
  learn: Lesson
  /** likeResult: as durable as a result of the same block. minutes: for a short time. */
  cache: 'never' | 'likeResult' | 'minutes'
  /** Whether the node's own code, message and data reach the caller untouched. */
  native: boolean
  /**
   * What it says of a signed transaction that was sent: accepted, the node has it already; lookUp, it
   * may have been included before. Left out where it says nothing.
   */
  resend?: 'accepted' | 'lookUp' | undefined
}

export type Lesson =
  | 'nothing'
  /** The node does not offer the method: not asked for it for some minutes. */
  | 'methodUnsupported'
  /** The node lacks state, or block data, that old. */
  | 'pruned'
  /** The node has not reached the block. */
  | 'behind'
  | 'rangeLimit'
  | 'batchLimit'
  | 'tagUnsupported'
  /** The node wants a pause. */
  | 'throttled'
  /** The node refuses this gateway (key, quota): out of selection until its operator acts. */
  | 'refused'

export type ClassifiedError = {
  /** Key of the family's error table, for metrics, traces and the reference. */
  class: string
  facts: ErrorClass
  /** False when no row matched and the safe row was taken. */
  known: boolean
}
