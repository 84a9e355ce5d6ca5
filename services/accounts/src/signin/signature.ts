import type { Clock } from '@mooring/telemetry/clock'
import { type Hex, type PublicClient, recoverMessageAddress, size } from 'viem'
import { verifySiweMessage } from 'viem/siwe'
import type { Limit } from '../limiter.ts'
import { Refusal } from '../refusal.ts'
import type { WalletNode } from './node.ts'

export type SignedMessage = {
  message: string
  signature: Hex
  address: `0x${string}`
  nonce: string
  domain: string
}

/** `key`: an ordinary wallet. `contract`: one whose contract says what it signs, deployed or not. */
export type WalletKind = 'key' | 'contract'

/** @returns What signed; undefined for a signature that is not the address's. */
export type SignatureCheck = (
  signed: SignedMessage,
  network: string,
) => Promise<WalletKind | undefined>

export type SignatureCheckParts = {
  node: WalletNode
  /** How often a network may have the node asked. */
  limit: Limit
  timeoutMs: number
  clock: Clock
}

/** With the calls that deploy a wallet beside it, a signature has some hundred bytes more. */
export const signatureBytesMax = 8_192
const keySignatureBytes = 65
const codeKeptMs = 60_000
const codesMax = 10_000
/** How many checks of contracts may be under way at once, of everybody together. */
const checksAtOnceMax = 8
/** @see ERC-6492 */
const undeployedMark = '6492'.repeat(16)

/**
 * Ordinary wallets are checked here, without asking anyone. Of others the chain is asked, so that is bounded: in time
 * and gas by the node's client, in number for each network and for all.
 */
export function createSignatureCheck({
  node,
  limit,
  timeoutMs,
  clock,
}: SignatureCheckParts): SignatureCheck {
  const isContract = rememberCode(clock)
  let underWay = 0
  return async (signed, network) => {
    if (await isSignedByKey(signed)) return 'key'
    limit(network)
    if (underWay >= checksAtOnceMax) {
      throw new Refusal('RATE_LIMITED', 'too many wallets are being checked: try again later')
    }
    underWay++
    const { client, hasFailed } = node.open()
    try {
      const isUndeployed = signed.signature.endsWith(undeployedMark)
      if (!isUndeployed && !(await isContract(client, signed.address))) return undefined
      const isRight = await within(timeoutMs, isSignedByContract(client, signed, clock))
      if (hasFailed()) throw new Error('the node did not answer')
      return isRight ? 'contract' : undefined
    } catch {
      // Its error may quote the signature and the node's address.
      const detail = 'the chain of this wallet did not answer: try again later'
      throw new Refusal('CHAIN_UNREACHABLE', detail)
    } finally {
      underWay--
    }
  }
}

async function isSignedByKey({ message, signature, address }: SignedMessage): Promise<boolean> {
  if (size(signature) !== keySignatureBytes) return false
  try {
    return (await recoverMessageAddress({ message, signature })) === address
  } catch {
    return false
  }
}

/** ERC-1271, and ERC-6492 for a wallet that is not deployed yet. */
async function isSignedByContract(client: PublicClient, signed: SignedMessage, clock: Clock) {
  const { message, signature, address, nonce, domain } = signed
  const time = new Date(clock.wallMs())
  return await verifySiweMessage(client, { message, signature, address, nonce, domain, time })
}

/** Whether there is a contract, kept for a minute: an address without one needs no further check. */
function rememberCode(clock: Clock) {
  const known = new Map<string, { has: boolean; untilMs: number }>()
  return async (client: PublicClient, address: `0x${string}`): Promise<boolean> => {
    const found = known.get(address)
    if (found !== undefined && found.untilMs > clock.nowMs()) return found.has
    const code = await client.getCode({ address })
    const has = code !== undefined && code !== '0x'
    if (known.size >= codesMax) known.clear()
    known.set(address, { has, untilMs: clock.nowMs() + codeKeptMs })
    return has
  }
}

/** One check asks the node several times; all of it together has a deadline. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error('it took too long')), timeoutMs)
  try {
    return await Promise.race([work, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}
