import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import {
  evmMethods,
  foreignMethod,
  isLocalMethod,
  localMethods,
  namespaces,
  policyOf,
  unknownMethod,
} from './methods.ts'

const rows = Object.entries(evmMethods).map(([method]) => ({ method, row: policyOf(method) }))
const everyRow = [
  ...rows,
  ...namespaces.map(([method, row]) => ({ method, row })),
  { method: 'unknownMethod', row: unknownMethod },
  { method: 'foreignMethod', row: foreignMethod },
]

test('any text has a policy, and what has no row is served by the safe one', () => {
  const names = fc.oneof(
    fc.string(),
    fc.string().map((s) => `eth_${s}`),
    fc.constantFrom(...oddNames),
  )
  fc.assert(
    fc.property(names, (method) => {
      fc.pre(!Object.hasOwn(evmMethods, method))
      const policy = policyOf(method)
      if (policy.effect === 'refused' || policy.effect === 'unsupported') return
      expect(['write', 'foreign']).toContain(policy.effect)
      expect(policy).toMatchObject({ idempotent: false, cache: 'never' })
    }),
    { numRuns: 500 },
  )
})

const oddNames = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '']

test.each(oddNames)('%p, a name of the prototype or none, is foreign', (method) => {
  expect(policyOf(method)).toBe(foreignMethod)
})

test('a new method of a namespace that is served may be one more of its kind', () => {
  expect(policyOf('eth_inventedTomorrow')).toBe(unknownMethod)
  expect(policyOf('zks_inventedTomorrow')).toBe(unknownMethod)
  expect(policyOf('vendor_inventedTomorrow')).toBe(foreignMethod)
})

test('the unknown row may write, and nothing in it lets a relay be repeated, shared or kept', () => {
  expect(unknownMethod).toMatchObject({
    effect: 'write',
    idempotent: false,
    cache: 'never',
    onNull: 'answer',
    needs: 'nothing',
    tier: 'community',
  })
})

test.each(everyRow)('$method keeps the rules between its facts', ({ row }) => {
  // Nothing that is no read can be cached, save what the gateway says for the life of the chain.
  if (row.effect !== 'read') expect(row.cache === 'never' || row.effect === 'local').toBe(true)
  if (row.effect === 'local') expect(['never', 'static']).toContain(row.cache)
  if (row.effect === 'write') expect(row.onNull).toBe('answer')
  if (row.idempotent) expect(row).toMatchObject({ effect: 'write', deadline: 'write' })
  if (row.deadline === 'trace') expect(row.tier).toBe('premium')
  if (row.needs === 'trace') expect(row.tier).toBe('premium')
  if (row.cache === 'byHash') expect(row.block.kind).toBe('hash')
  if (row.cache === 'byBlock') expect(['at', 'filter']).toContain(row.block.kind)
  if (row.cache === 'static') expect(row.block.kind).toBe('none')
  if (row.resolvesTags) expect(['at', 'filter']).toContain(row.block.kind)
})

test('local methods are those the gateway is told to answer, no more and no fewer', () => {
  const local = rows.filter(({ row }) => row.effect === 'local').map(({ method }) => method)
  expect(local.sort()).toEqual([...localMethods].sort())
  expect(isLocalMethod('eth_chainId')).toBe(true)
  expect(isLocalMethod('eth_call')).toBe(false)
})

test('only transactions named by their hash, with the hash for an answer, may be sent again', () => {
  const again = rows.filter(({ row }) => row.idempotent).map(({ method }) => method)
  expect(again).toEqual(['eth_sendRawTransaction', 'eth_sendRawTransactionConditional'])
})

test.each(['eth_sendRawTransactionSync', 'zks_sendRawTransactionWithDetailedOutput'])(
  '%s answers with an object, so it is sent once, with time to wait for it',
  (method) => {
    const sent = { effect: 'write', idempotent: false, deadline: 'heavy' }
    expect(policyOf(method)).toMatchObject(sent)
  },
)

test('a method is known when it has a row of its own, and only then', () => {
  for (const { method, row } of rows) expect(row.known, method).toBe(true)
  for (const row of [unknownMethod, foreignMethod, ...namespaces.map(([, row]) => row)]) {
    expect(row.known).toBe(false)
  }
  for (const prefix of ['', 'eth_', 'trace_', 'arbtrace_', 'ots_', 'debug_', 'net_', 'wallet_']) {
    expect(policyOf(`${prefix}notInventedYet`).known, prefix).toBe(false)
  }
})

test('what runs code of the caller has the time for it; traces and unknown methods may run any', () => {
  for (const { method, row } of everyRow) {
    if (row.runsCode) expect(['heavy', 'trace', 'write'], method).toContain(row.deadline)
    if (row.deadline === 'trace') expect(row.runsCode, method).toBe(true)
    if (row.effect === 'write') expect(row.runsCode, method).toBe(true)
  }
  for (const method of ['eth_call', 'eth_estimateGas', 'eth_simulateV1', 'eth_createAccessList']) {
    expect(policyOf(method).runsCode, method).toBe(true)
  }
})

const refused = [
  'eth_sign',
  'eth_signTransaction',
  'eth_signTypedData',
  'eth_signTypedData_v4',
  'eth_sendTransaction',
  'eth_resend',
  'eth_submitWork',
  'eth_submitHashrate',
  'eth_getWork',
  'eth_coinbase',
  'admin_addPeer',
  'miner_start',
  'personal_unlockAccount',
  'engine_forkchoiceUpdatedV3',
  'clique_propose',
  'anvil_setBalance',
  'hardhat_reset',
  'evm_mine',
  'parity_addReservedPeer',
  'debug_setHead',
  'debug_setGCPercent',
  'debug_freeOSMemory',
  'debug_startCPUProfile',
  'debug_chaindbCompact',
  'debug_writeBlockProfile',
  'debug_standardTraceBlockToFile',
  'debug_traceBlockFromFile',
  'debug_notInventedYet',
  'net_enode',
  'web3_notInventedYet',
  'txpool_besuTransactions',
  'txpool_notInventedYet',
  'erigon_nodeInfo',
  'eth_mine',
  'eth_mineBlock',
  'eth_sendUnsignedTransaction',
]

test.each(refused)('%s is refused, in any case of letters', (method) => {
  expect(policyOf(method).effect).toBe('refused')
  expect(policyOf(method.toUpperCase()).effect).toBe('refused')
})

test.each([
  'eth_newFilter',
  'eth_newBlockFilter',
  'eth_newPendingTransactionFilter',
  'eth_getFilterChanges',
  'eth_getFilterLogs',
  'eth_uninstallFilter',
  'eth_subscribe',
  'eth_unsubscribe',
])('%s is not served while it is bound to one node', (method) => {
  expect(policyOf(method).effect).toBe('unsupported')
})

test('known methods of refused namespaces keep their rows', () => {
  const effects = {
    net_peerCount: 'read',
    net_version: 'local',
    web3_sha3: 'read',
    erigon_getLogs: 'read',
    eth_mining: 'read',
    txpool_status: 'read',
  } as const
  for (const [method, effect] of Object.entries(effects)) {
    expect(policyOf(method).effect, method).toBe(effect)
  }
  for (const method of ['txpool_content', 'txpool_contentFrom', 'txpool_inspect']) {
    expect(policyOf(method)).toMatchObject({ effect: 'read', tier: 'premium' })
  }
})

test.each([
  'debug_traceTransaction',
  'trace_block',
  'arbtrace_call',
  'ots_hasCode',
  'trace_future',
])('%s is for premium, with the time a trace takes', (method) => {
  expect(policyOf(method)).toMatchObject({ tier: 'premium', deadline: 'trace' })
})

test('look-ups by hash or by index are asked elsewhere when a node answers null', () => {
  for (const method of [
    'eth_getBlockByHash',
    'eth_getTransactionByHash',
    'eth_getTransactionReceipt',
    'eth_getTransactionByBlockNumberAndIndex',
    'eth_getRawTransactionByBlockNumberAndIndex',
  ]) {
    expect(policyOf(method).onNull, method).toBe('elsewhere')
  }
})

test('a null for a whole block says that the block is missing', () => {
  const missing = rows.filter(({ row }) => row.onNull === 'missing')
  expect(missing.map(({ method }) => method).sort()).toEqual([
    'erigon_getHeaderByNumber',
    'eth_getBlockByNumber',
    'eth_getBlockReceipts',
    'eth_getBlockTransactionCountByNumber',
    'eth_getHeaderByNumber',
    'eth_getTransactionReceiptsByBlock',
    'eth_getUncleCountByBlockNumber',
    'parity_getBlockReceipts',
    'scroll_getBlockByNumber',
  ])
  for (const { method, row } of missing) {
    expect(row.block, method).toEqual({ kind: 'at', index: 0 })
  }
})
