import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  NonceTooLowError,
  TimeoutError,
} from 'viem'

/** Why a call would not or did not go through, in terms of the contract that refused it. */
export type ChainFailure = {
  /** The error as the contract declares it, e.g. `EscrowDepositTooSmall`; `undefined` when no contract spoke. */
  name: string | undefined
  /** Its arguments by name, as the ABI types them. */
  args: Readonly<Record<string, unknown>>
  /** For people, in one sentence. */
  sentence: string
}

/** Nobody answered, or what answered was no node: nothing is known of what was asked. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false
  const found = error.walk(
    (cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError,
  )
  return found !== null
}

/**
 * Reads a failure out of whatever viem threw. What nobody declared is told as such, never guessed.
 *
 * @param abis - ABIs whose errors may appear: of the contract called and of those it calls.
 */
export function failureOf(error: unknown, abis: readonly Abi[]): ChainFailure {
  if (!(error instanceof BaseError)) return unknownFailure(error)
  const poor = error.walk((cause) => cause instanceof InsufficientFundsError)
  if (poor) return plain('the account has too little of the native token to pay for gas')
  const stale = error.walk((cause) => cause instanceof NonceTooLowError)
  if (stale) return plain('another transaction of this account came first; try again')
  const empty = error.walk((cause) => cause instanceof ContractFunctionZeroDataError)
  if (empty) return plain('there is no contract at that address that knows this function')
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
  const data = reverted instanceof ContractFunctionRevertedError ? reverted.raw : rawData(error)
  if (data !== undefined && data !== '0x') return failureFromData(data, abis)
  if (reverted instanceof ContractFunctionRevertedError && reverted.reason) {
    return plain(`the contract refused: ${reverted.reason}`)
  }
  return unknownFailure(error)
}

/** The same from the bytes a call reverted with. */
export function failureFromData(data: Hex, abis: readonly Abi[]): ChainFailure {
  if (data === '0x') return plain('the contract refused and did not say why')
  for (const abi of abis) {
    const decoded = decode(data, abi)
    if (decoded !== undefined) return decoded
  }
  return plain(
    `the contract refused with an error this version does not know (${data.slice(0, 10)})`,
  )
}

function decode(data: Hex, abi: Abi): ChainFailure | undefined {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi, data })
    if (errorName === 'Error') return plain(`the contract refused: ${String(args?.[0])}`)
    if (errorName === 'Panic') return plain(`the contract broke off (panic ${String(args?.[0])})`)
    const inputs = 'inputs' in abiItem ? abiItem.inputs : []
    const named = Object.fromEntries(
      inputs.map((input, at) => [input.name ?? String(at), args?.[at]]),
    )
    return { name: errorName, args: named, sentence: sentenceOf(errorName, named) }
  } catch {
    // Not an error of this ABI.
    return undefined
  }
}

/**
 * `EscrowDepositTooSmall` with `amount` and `min` becomes `escrow deposit too small (amount 5, min 10)`: the names are
 * written so that they read as words.
 */
function sentenceOf(name: string, args: Readonly<Record<string, unknown>>): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  const facts = Object.entries(args).map(([key, value]) => `${key} ${printed(value)}`)
  return facts.length === 0 ? words : `${words} (${facts.join(', ')})`
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, bigintsAsText)
    : String(value)
}

function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

/** Nodes put the bytes of a revert at different depths of their error. */
function rawData(error: BaseError): Hex | undefined {
  let found: Hex | undefined
  error.walk((cause) => {
    if (typeof cause === 'object' && cause !== null && 'data' in cause) {
      const { data } = cause
      if (typeof data === 'string' && data.startsWith('0x')) found = data as Hex
      else if (typeof data === 'object' && data !== null && 'data' in data) {
        const inner = data.data
        if (typeof inner === 'string' && inner.startsWith('0x')) found = inner as Hex
      }
    }
    return false
  })
  return found
}

function plain(sentence: string): ChainFailure {
  return { name: undefined, args: {}, sentence }
}

function unknownFailure(error: unknown): ChainFailure {
  if (error instanceof BaseError) return plain(error.shortMessage)
  return plain(error instanceof Error ? error.message : String(error))
}
