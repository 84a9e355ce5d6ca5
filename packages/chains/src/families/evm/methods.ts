import type { MethodPolicy } from '../../family.ts'

/** One method of the EVM dialect: its policy, where its params name a block, what its answer proves. */
export type EvmMethod = MethodPolicy & {
  /**
   * The node runs what the caller wrote: a contract, a tracer, an account's own check. What it says of a
   * failure may then be the caller's words.
   */
  runsCode: boolean
  block: BlockPlace
  /** Moving tags are replaced by the blocks they stand for, so that answers never step back between upstreams. */
  resolvesTags: boolean
  /** Takes an object with `blockHash` in the place of a block number (EIP-1898). */
  pinnable: boolean
  /** The block may be left out by the standard, and is `latest` then. */
  blockOptional: boolean
  /** Where the params hold a storage slot, which may be written with or without leading zeros. */
  slotIndex?: number | undefined
  /** Where the result carries a block number its upstream must have; a list is read at its end. */
  reveals?: 'result' | 'number' | 'blockNumber' | undefined
}

/** Where a request names the blocks it needs. */
export type BlockPlace =
  | { kind: 'none' }
  /** No param: the newest state. */
  | { kind: 'head' }
  /** A number, a tag, a hash or an EIP-1898 object; left out, it is the head. */
  | { kind: 'at'; index: number }
  /** The params name a block or a transaction by its hash. */
  | { kind: 'hash' }
  /** A filter object with `fromBlock` and `toBlock`, or with `blockHash` where the method takes one. */
  | { kind: 'filter'; index: number; fromDefault: 'latest' | 'earliest'; takesHash: boolean }

/** Methods the gateway answers from what it knows. Each has its row below. */
export const localMethods = [
  'eth_accounts',
  'eth_blockNumber',
  'eth_chainId',
  'eth_syncing',
  'net_listening',
  'net_version',
  'web3_clientVersion',
] as const

export type LocalMethod = (typeof localMethods)[number]

export function isLocalMethod(method: string): method is LocalMethod {
  return localNames.has(method)
}

const localNames: ReadonlySet<string> = new Set(localMethods)

const none: BlockPlace = { kind: 'none' }
const head: BlockPlace = { kind: 'head' }
const hash: BlockPlace = { kind: 'hash' }
const at = (index: number): BlockPlace => ({ kind: 'at', index })
const logFilter = { kind: 'filter', index: 0, fromDefault: 'latest', takesHash: true } as const
/** Nodes overlook a `blockHash` here, and search the whole chain. */
const traceFilter = { ...logFilter, fromDefault: 'earliest', takesHash: false } as const

const plain = {
  known: true,
  effect: 'read',
  idempotent: false,
  deadline: 'quick',
  cache: 'never',
  onNull: 'answer',
  needs: 'nothing',
  readsPool: false,
  tier: 'community',
  runsCode: false,
  block: none,
  resolvesTags: false,
  pinnable: false,
  blockOptional: false,
} as const satisfies EvmMethod

/** A method nobody has told us about may write: it is relayed once, and nothing of it is kept. */
export const unknownMethod = {
  ...plain,
  known: false,
  effect: 'write',
  deadline: 'heavy',
  runsCode: true,
} as const satisfies EvmMethod

/** Of a namespace nobody has told us about: it may steer a node, so the operator has to name it. */
export const foreignMethod = { ...unknownMethod, effect: 'foreign' } as const satisfies EvmMethod

const local = { ...plain, effect: 'local' } as const
const unsupported = { ...plain, effect: 'unsupported' } as const
/** Sent to one provider only: a second one might do it twice, or must not see it. */
const sendOnce = { ...plain, effect: 'write', deadline: 'write', runsCode: true } as const
/**
 * Named by its transaction's hash, which is also its result, so a repetition changes nothing. A node at
 * the head judges best whether it can go in.
 */
const rawSend = { ...sendOnce, idempotent: true, block: head } as const
/**
 * Answers with an object made while the transaction goes in. A repetition has no such answer: the node
 * only says that it knows the transaction already.
 */
const sendForOutcome = { ...sendOnce, deadline: 'heavy' } as const

const fixed = { ...plain, cache: 'static' } as const
const moving = { ...plain, cache: 'head', block: head } as const
const simulated = {
  ...plain,
  deadline: 'heavy',
  cache: 'head',
  needs: 'state',
  runsCode: true,
  block: at(1),
} as const
const ofBlockState = { ...plain, cache: 'byBlock', needs: 'state', block: at(1) } as const
const ofState = { ...ofBlockState, resolvesTags: true, pinnable: true } as const
const executed = { ...ofState, deadline: 'heavy', runsCode: true } as const
const executedOverBlock = { ...ofBlockState, deadline: 'heavy', runsCode: true } as const
const proof = { ...ofState, deadline: 'heavy', block: at(2) } as const

const found = { ...plain, onNull: 'elsewhere', needs: 'block' } as const
const byHash = { ...found, cache: 'byHash', block: hash } as const
const byNumber = { ...found, cache: 'byBlock', block: at(0), resolvesTags: true } as const
const wholeBlock = { ...byNumber, onNull: 'missing' } as const
const ofTransaction = { ...found, cache: 'immutable', block: hash } as const
const receipt = { ...ofTransaction, needs: 'logs', reveals: 'blockNumber' } as const
const receipts = { ...wholeBlock, needs: 'logs', reveals: 'blockNumber' } as const

const logs = {
  ...plain,
  deadline: 'heavy',
  cache: 'byBlock',
  needs: 'logs',
  reveals: 'blockNumber',
} as const
const logScan = { ...logs, block: logFilter, resolvesTags: true } as const

const traced = {
  ...plain,
  deadline: 'trace',
  needs: 'trace',
  tier: 'premium',
  runsCode: true,
} as const
const traceAt = (index: number) => ({ ...traced, cache: 'byBlock', block: at(index) }) as const
const traceByHash = { ...traced, cache: 'byHash', block: hash } as const
const traceOfTransaction = { ...traced, cache: 'immutable', block: hash } as const

const poolDump = { ...plain, deadline: 'heavy', tier: 'premium' } as const
/** Of layer two and vendor methods: answers that gain a status or a proof with time. */
const progress = { ...moving, needs: 'block' } as const

export const evmMethods = {
  eth_chainId: { ...local, cache: 'static' },
  net_version: { ...local, cache: 'static' },
  eth_accounts: local,
  eth_blockNumber: { ...local, block: head, reveals: 'result' },
  eth_syncing: local,
  net_listening: local,
  web3_clientVersion: local,

  web3_sha3: fixed,
  eth_protocolVersion: fixed,
  eth_config: moving,
  eth_gasPrice: moving,
  eth_maxPriorityFeePerGas: moving,
  eth_blobBaseFee: moving,
  eth_baseFee: moving,
  eth_feeHistory: {
    ...plain,
    cache: 'byBlock',
    needs: 'block',
    block: at(1),
    resolvesTags: true,
  },
  eth_mining: { ...plain, cache: 'head' },
  eth_hashrate: { ...plain, cache: 'head' },
  net_peerCount: { ...plain, cache: 'head' },

  eth_getBalance: ofState,
  eth_getCode: ofState,
  eth_getTransactionCount: { ...ofState, readsPool: true },
  eth_getAccount: ofBlockState,
  eth_getAccountInfo: ofBlockState,
  eth_getStorageAt: { ...ofState, block: at(2), slotIndex: 1 },
  eth_getStorageValues: ofBlockState,
  eth_getProof: proof,
  eth_call: { ...executed, blockOptional: true },
  eth_callMany: executedOverBlock,
  eth_callDetailed: executedOverBlock,
  eth_estimateGas: simulated,
  eth_createAccessList: simulated,
  eth_simulateV1: simulated,
  eth_fillTransaction: { ...simulated, cache: 'never', readsPool: true, block: head },

  eth_getBlockByHash: { ...byHash, reveals: 'number' },
  eth_getHeaderByHash: { ...byHash, reveals: 'number' },
  eth_getBlockTransactionCountByHash: byHash,
  eth_getTransactionByBlockHashAndIndex: { ...byHash, reveals: 'blockNumber' },
  eth_getRawTransactionByBlockHashAndIndex: byHash,
  eth_getUncleCountByBlockHash: byHash,
  eth_getUncleByBlockHashAndIndex: { ...byHash, onNull: 'answer' },

  eth_getBlockByNumber: { ...wholeBlock, reveals: 'number' },
  eth_getHeaderByNumber: { ...wholeBlock, reveals: 'number' },
  eth_getBlockReceipts: receipts,
  eth_getBlockTransactionCountByNumber: wholeBlock,
  eth_getTransactionByBlockNumberAndIndex: { ...byNumber, reveals: 'blockNumber' },
  eth_getRawTransactionByBlockNumberAndIndex: byNumber,
  eth_getUncleCountByBlockNumber: wholeBlock,
  eth_getUncleByBlockNumberAndIndex: { ...byNumber, onNull: 'answer' },

  eth_getTransactionByHash: { ...ofTransaction, readsPool: true, reveals: 'blockNumber' },
  eth_getTransactionReceipt: receipt,
  eth_getRawTransactionByHash: { ...ofTransaction, readsPool: true },
  eth_getTransactionBySenderAndNonce: {
    ...ofTransaction,
    readsPool: true,
    block: head,
    reveals: 'blockNumber',
  },
  eth_pendingTransactions: plain,
  eth_getLogs: logScan,

  eth_sendRawTransaction: rawSend,
  eth_sendRawTransactionConditional: rawSend,
  eth_sendRawTransactionSync: sendForOutcome,
  zks_sendRawTransactionWithDetailedOutput: sendForOutcome,
  eth_sendPrivateTransaction: sendOnce,
  eth_sendPrivateRawTransaction: sendOnce,
  eth_cancelPrivateTransaction: sendOnce,
  eth_sendBundle: sendOnce,
  eth_cancelBundle: sendOnce,
  mev_sendBundle: sendOnce,
  timeboost_sendExpressLaneTransaction: sendOnce,
  eth_sendUserOperation: sendOnce,

  eth_supportedEntryPoints: { ...plain, cache: 'head' },
  eth_estimateUserOperationGas: { ...simulated, block: head },
  eth_getUserOperationByHash: { ...progress, block: hash },
  eth_getUserOperationReceipt: { ...progress, block: hash },

  // Bound to the one node that made them, until filters and subscriptions are kept by the gateway.
  eth_newFilter: unsupported,
  eth_newBlockFilter: unsupported,
  eth_newPendingTransactionFilter: unsupported,
  eth_getFilterChanges: unsupported,
  eth_getFilterLogs: unsupported,
  eth_uninstallFilter: unsupported,
  eth_subscribe: unsupported,
  eth_unsubscribe: unsupported,
  rpc_modules: unsupported,

  txpool_status: { ...plain, cache: 'head' },
  txpool_contentFrom: poolDump,
  txpool_content: poolDump,
  txpool_inspect: poolDump,

  debug_traceTransaction: traceOfTransaction,
  debug_traceCall: traceAt(1),
  debug_traceCallMany: traceAt(1),
  debug_traceBlockByNumber: traceAt(0),
  debug_traceBlockByHash: traceByHash,
  debug_traceBlock: traced,
  debug_intermediateRoots: traceByHash,
  debug_storageRangeAt: traceByHash,
  debug_accountAt: traceByHash,
  debug_accountRange: traceAt(0),
  // Over two blocks, of which one alone is looked at here.
  debug_getModifiedAccountsByNumber: { ...traceAt(0), cache: 'never' },
  debug_getModifiedAccountsByHash: { ...traceByHash, cache: 'never' },
  debug_executionWitness: traceAt(0),
  debug_executionWitnessByBlockHash: traceByHash,
  debug_getRawBlock: { ...traceAt(0), needs: 'block' },
  debug_getRawHeader: { ...traceAt(0), needs: 'block' },
  debug_getRawReceipts: { ...traceAt(0), needs: 'logs' },
  debug_getRawTransaction: { ...traceOfTransaction, needs: 'block' },

  trace_block: traceAt(0),
  trace_call: traceAt(2),
  trace_callMany: traceAt(1),
  trace_filter: { ...traced, cache: 'byBlock', block: traceFilter },
  trace_get: traceOfTransaction,
  trace_rawTransaction: { ...traced, cache: 'head', block: head },
  trace_replayBlockTransactions: traceAt(0),
  trace_replayTransaction: traceOfTransaction,
  trace_transaction: traceOfTransaction,
  trace_transactionOpcodeGas: traceOfTransaction,
  trace_blockOpcodeGas: traceAt(0),

  arbtrace_block: traceAt(0),
  arbtrace_call: traceAt(2),
  arbtrace_callMany: traceAt(1),
  arbtrace_filter: { ...traced, cache: 'byBlock', block: traceFilter },
  arbtrace_get: traceOfTransaction,
  arbtrace_replayBlockTransactions: traceAt(0),
  arbtrace_replayTransaction: traceOfTransaction,
  arbtrace_transaction: traceOfTransaction,
  arb_getRawBlockMetadata: { ...plain, needs: 'block', block: at(1) },

  ots_getApiLevel: { ...traced, cache: 'static', needs: 'nothing' },
  ots_getBlockDetails: traceAt(0),
  ots_getBlockDetailsByHash: traceByHash,
  ots_getBlockTransactions: traceAt(0),
  ots_getContractCreator: { ...traced, cache: 'head', block: head },
  ots_getInternalOperations: traceOfTransaction,
  ots_getTransactionBySenderAndNonce: { ...traced, cache: 'head', block: head },
  ots_getTransactionError: traceOfTransaction,
  ots_hasCode: traceAt(1),
  // Block 0 means the newest one here, and what is found grows with the chain.
  ots_searchTransactionsAfter: { ...traceAt(1), cache: 'never' },
  ots_searchTransactionsBefore: { ...traceAt(1), cache: 'never' },
  ots_traceTransaction: traceOfTransaction,

  erigon_blockNumber: { ...moving, reveals: 'result' },
  erigon_forks: fixed,
  erigon_getBalanceChangesInBlock: { ...ofBlockState, block: at(0) },
  erigon_getBlockByTimestamp: { ...progress, reveals: 'number' },
  erigon_getBlockReceiptsByBlockHash: { ...byHash, needs: 'logs', reveals: 'blockNumber' },
  erigon_getHeaderByHash: { ...byHash, reveals: 'number' },
  erigon_getHeaderByNumber: { ...wholeBlock, reveals: 'number' },
  erigon_getLatestLogs: { ...logs, block: { ...logFilter, fromDefault: 'earliest' } },
  erigon_getLogs: logScan,
  erigon_getLogsByHash: { ...logs, cache: 'byHash', block: hash, reveals: undefined },

  parity_getBlockReceipts: receipts,
  parity_nextNonce: { ...moving, cache: 'never', readsPool: true },

  bor_getAuthor: { ...plain, cache: 'byBlock', needs: 'block', block: at(0) },
  bor_getCurrentProposer: moving,
  bor_getCurrentValidators: moving,
  bor_getRootHash: { ...plain, deadline: 'heavy', cache: 'byBlock', needs: 'block', block: at(1) },
  bor_getSigners: { ...plain, cache: 'byBlock', needs: 'block', block: at(0) },
  bor_getSignersAtHash: { ...plain, cache: 'byHash', needs: 'block', block: hash },
  bor_getSnapshot: { ...plain, cache: 'byBlock', needs: 'block', block: at(0) },
  bor_getSnapshotAtHash: { ...plain, cache: 'byHash', needs: 'block', block: hash },
  eth_getTransactionReceiptsByBlock: receipts,

  eth_getBlobSidecars: { ...byNumber, reveals: 'blockNumber' },
  eth_getBlobSidecarByTxHash: { ...ofTransaction, reveals: 'blockNumber' },
  eth_getFinalizedBlock: { ...progress, reveals: 'number' },
  eth_getFinalizedHeader: { ...progress, reveals: 'number' },
  eth_getTransactionDataAndReceipt: { ...ofTransaction, needs: 'logs' },

  eth_getChainConfig: { ...plain, cache: 'head' },
  eth_suggestPriceOptions: moving,

  optimism_outputAtBlock: { ...progress, block: at(0) },
  optimism_rollupConfig: fixed,
  optimism_syncStatus: moving,
  rollup_gasPrices: moving,

  linea_estimateGas: simulated,
  linea_getProof: proof,
  linea_getTransactionExclusionStatusV1: { ...progress, block: hash },

  scroll_estimateL1DataFee: simulated,
  scroll_getBlockByHash: { ...byHash, reveals: 'number' },
  scroll_getBlockByNumber: { ...wholeBlock, reveals: 'number' },

  zks_L1BatchNumber: moving,
  zks_L1ChainId: fixed,
  zks_estimateFee: { ...simulated, block: head },
  zks_estimateGasL1ToL2: { ...simulated, block: head },
  zks_getAllAccountBalances: moving,
  zks_getBaseTokenL1Address: moving,
  zks_getBlockDetails: { ...progress, onNull: 'elsewhere', block: at(0), reveals: 'number' },
  zks_getBridgeContracts: moving,
  zks_getBridgehubContract: moving,
  zks_getBytecodeByHash: { ...found, block: head },
  zks_getConfirmedTokens: moving,
  zks_getFeeParams: moving,
  zks_getL1BatchBlockRange: progress,
  zks_getL1BatchDetails: progress,
  zks_getL1GasPrice: moving,
  zks_getL2ToL1LogProof: { ...progress, block: hash },
  zks_getL2ToL1MsgProof: progress,
  zks_getMainContract: moving,
  zks_getProof: { ...progress, deadline: 'heavy' },
  zks_getProtocolVersion: moving,
  zks_getRawBlockTransactions: { ...plain, cache: 'byBlock', needs: 'block', block: at(0) },
  zks_getTestnetPaymaster: moving,
  zks_getTransactionDetails: { ...progress, onNull: 'elsewhere', block: hash },
} as const satisfies Record<LocalMethod, EvmMethod> & Record<string, EvmMethod>

const refused = { ...plain, known: false, effect: 'refused' } as const
const unknownTrace = { ...unknownMethod, deadline: 'trace', tier: 'premium' } as const

/**
 * What holds for methods without a row, by the beginning of the lower-case name: the first that fits.
 * Whole namespaces that steer a node, use its keys or tell of its operator are refused, so that a new
 * member of one is too.
 */
export const namespaces: readonly (readonly [prefix: string, row: EvmMethod])[] = [
  ['admin_', refused],
  ['anvil_', refused],
  ['arbdebug_', refused],
  ['clique_', refused],
  ['debug_', refused],
  ['dev_', refused],
  ['engine_', refused],
  ['erigon_', refused],
  ['evm_', refused],
  ['flashbots_set', refused],
  ['hardhat_', refused],
  ['miner_', refused],
  ['net_', refused],
  ['parity_', refused],
  ['personal_', refused],
  ['signer_', refused],
  ['tenderly_', refused],
  ['testing_', refused],
  ['txpool_', refused],
  ['web3_', refused],
  ['eth_coinbase', refused],
  ['eth_getwork', refused],
  ['eth_mine', refused],
  ['eth_resend', refused],
  ['eth_sendtransaction', refused],
  ['eth_sendunsigned', refused],
  ['eth_sign', refused],
  ['eth_submit', refused],
  ['arbtrace_', unknownTrace],
  ['ots_', unknownTrace],
  ['trace_', unknownTrace],
  ['wallet_', { ...unsupported, known: false }],
]

// A Map, so that names such as `constructor` find nothing.
const rows: ReadonlyMap<string, EvmMethod> = new Map(Object.entries(evmMethods))

/** Namespaces of which some method is relayed; a new method of theirs is likely to be one more of its kind. */
const servedNamespaces: ReadonlySet<string> = new Set(
  Object.entries(evmMethods)
    .filter(([, { effect }]) => effect === 'read' || effect === 'write')
    .map(([method]) => namespaceOf(method)),
)

/** The method's row, or the safe row for a method nobody has told us about. */
export function policyOf(method: string): EvmMethod {
  const row = rows.get(method)
  if (row !== undefined) return row
  const name = method.toLowerCase()
  const whole = namespaces.find(([prefix]) => name.startsWith(prefix))?.[1]
  return whole ?? (servedNamespaces.has(namespaceOf(method)) ? unknownMethod : foreignMethod)
}

/** `eth` of `eth_call`; the whole name where it has no underscore. */
export function namespaceOf(method: string): string {
  return method.split('_', 1)[0] ?? method
}
