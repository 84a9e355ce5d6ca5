/** What a result may be when it is not null. */
type ResultShape = 'quantity' | 'data' | 'list' | 'object'

/** Methods whose results have one shape on every EVM node. Others are taken as they come. */
const resultShapes: ReadonlyMap<string, ResultShape> = new Map([
  ['eth_blockNumber', 'quantity'],
  ['eth_chainId', 'quantity'],
  ['eth_gasPrice', 'quantity'],
  ['eth_maxPriorityFeePerGas', 'quantity'],
  ['eth_blobBaseFee', 'quantity'],
  ['eth_estimateGas', 'quantity'],
  ['eth_getBalance', 'quantity'],
  ['eth_getTransactionCount', 'quantity'],
  ['eth_getBlockTransactionCountByHash', 'quantity'],
  ['eth_getBlockTransactionCountByNumber', 'quantity'],
  ['eth_call', 'data'],
  ['eth_getCode', 'data'],
  ['eth_getStorageAt', 'data'],
  ['eth_sendRawTransaction', 'data'],
  ['eth_getLogs', 'list'],
  ['eth_getBlockReceipts', 'list'],
  ['eth_getBlockByHash', 'object'],
  ['eth_getBlockByNumber', 'object'],
  ['eth_getTransactionByHash', 'object'],
  ['eth_getTransactionByBlockHashAndIndex', 'object'],
  ['eth_getTransactionByBlockNumberAndIndex', 'object'],
  ['eth_getTransactionReceipt', 'object'],
  ['eth_feeHistory', 'object'],
  ['eth_getProof', 'object'],
  ['eth_createAccessList', 'object'],
])

/** Whether a result has a shape its method never answers with. Null has its own rule elsewhere. */
export function hasWrongShape(method: string, result: unknown): boolean {
  const shape = resultShapes.get(method)
  return shape !== undefined && !isShape(shape, result)
}

/** The progress object of `eth_syncing`, which some nodes give to any question while they catch up. */
export function isSyncProgress(result: unknown): boolean {
  return isObject(result) && 'currentBlock' in result && 'highestBlock' in result
}

/** Methods that give a list of traces, some of which may be an error. */
export function tellsTimeouts(method: string): boolean {
  return method.startsWith('debug_traceBlock')
}

/** Whether the node gave up on a block's trace and says so inside the list of traces. */
export function hasTimedOutTrace(method: string, result: unknown): boolean {
  if (!tellsTimeouts(method) || !Array.isArray(result)) return false
  return result.some(
    (trace: unknown) =>
      isObject(trace) &&
      'error' in trace &&
      typeof trace.error === 'string' &&
      trace.error.includes('execution timeout'),
  )
}

const errorSelector = '0x08c379a0'
const word = 64
const offsetWord = '20'.padStart(word, '0')
/** A reason longer than this is not read; contracts write sentences. */
const reasonBytesMax = 65_536

/**
 * Whether data is exactly the encoding of `Error(string)`, the way a revert ends.
 *
 * A contract may return whatever it likes, also data that begins with the selector, so the whole shape
 * must fit: selector, offset, length, and the string padded with zeros to a whole word.
 */
export function isEncodedRevert(data: unknown): boolean {
  if (typeof data !== 'string' || !data.startsWith(errorSelector)) return false
  const offsetEnd = errorSelector.length + word
  const lengthEnd = offsetEnd + word
  if (data.slice(errorSelector.length, offsetEnd) !== offsetWord) return false
  const lengthHex = data.slice(offsetEnd, lengthEnd)
  if (!/^[0-9a-f]{64}$/i.test(lengthHex)) return false
  const reasonBytes = Number.parseInt(lengthHex, 16)
  if (reasonBytes > reasonBytesMax) return false
  const paddedDigits = Math.ceil((reasonBytes * 2) / word) * word
  if (data.length !== lengthEnd + paddedDigits) return false
  return /^0*$/.test(data.slice(lengthEnd + reasonBytes * 2))
}

function isShape(shape: ResultShape, result: unknown): boolean {
  switch (shape) {
    case 'quantity':
      return typeof result === 'string' && /^0x[0-9a-f]{1,64}$/i.test(result)
    // Only its beginning: results of calls are long, and every success comes through here.
    case 'data':
      return typeof result === 'string' && result.startsWith('0x')
    case 'list':
      return Array.isArray(result)
    case 'object':
      return isObject(result) && !Array.isArray(result)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
