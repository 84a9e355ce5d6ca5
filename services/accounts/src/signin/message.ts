import { getAddress, isAddress } from 'viem'
import { parseSiweMessage } from 'viem/siwe'

/** What a message may be about: the chain of this network, and pages that people trust with it. */
export type SignInRules = {
  chainId: number
  /** Such as `https://app.example.org`; where a page or a program says it is from. */
  origins: readonly string[]
  nowMs: number
}

export type SignInWish =
  | { ok: true; address: `0x${string}`; nonce: string; domain: string }
  | { ok: false; problem: string }

/** As long as a nonce lives: an older message has none that is good. */
export const messageAgeMsMax = 300_000
/** So far clocks may differ. */
export const clockLeewayMs = 30_000
export const messageLengthMax = 2_048
/** 128 bits as hexadecimal digits. */
export const nonceText = /^[0-9a-f]{32}$/

/**
 * The whole of a message of EIP-4361, line by line. A parser that looks for its fields would pass over what stands
 * between them, which the wallet has shown and its owner has read.
 */
const form =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^\s/]+ wants you to sign in with your Ethereum account:\n0x[0-9a-fA-F]{40}\n\n(?:[^\n]+\n)?\nURI: \S+\nVersion: 1\nChain ID: [1-9]\d{0,15}\nNonce: [0-9a-zA-Z]+\nIssued At: \S+(?:\nExpiration Time: \S+)?(?:\nNot Before: \S+)?(?:\nRequest ID: \S*)?(?:\nResources:(?:\n- \S+)*)?$/

/**
 * Takes a message of EIP-4361 apart and checks all that it says. Whether its nonce was given out, and whether it is
 * signed, is asked elsewhere.
 */
export function readSignInMessage(text: string, rules: SignInRules): SignInWish {
  if (text.length > messageLengthMax) return no(`it is longer than ${messageLengthMax} characters`)
  if (!form.test(text)) return no('it does not have the form of EIP-4361')
  const message = parseSiweMessage(text)
  const { address, nonce = '', domain = '' } = message
  // In lower case alone it would pass as an address that has none.
  if (address === undefined || !isAddress(address) || getAddress(address) !== address) {
    return no('its address does not have the checksum of EIP-55')
  }
  const problem =
    placeProblem(message, rules) ??
    timeProblem(message, rules.nowMs) ??
    (nonceText.test(nonce) ? undefined : 'its nonce is none of ours')
  return problem === undefined ? { ok: true, address, nonce, domain } : no(problem)
}

type Message = ReturnType<typeof parseSiweMessage>

function placeProblem({ domain, scheme, uri = '', chainId }: Message, rules: SignInRules) {
  if (chainId !== rules.chainId) return `its chain is not ${rules.chainId}`
  const known = rules.origins.map((origin) => new URL(origin))
  const place = known.find(({ host }) => host === domain)
  if (place === undefined) return 'its domain is not one that signs in here'
  if (scheme !== undefined && `${scheme}:` !== place.protocol) return 'its scheme is another one'
  return URL.canParse(uri) && new URL(uri).origin === place.origin
    ? undefined
    : 'its URI is not of its domain'
}

function timeProblem({ issuedAt, expirationTime, notBefore }: Message, nowMs: number) {
  const issuedMs = issuedAt?.getTime() ?? Number.NaN
  // Written so that a time that is none is refused.
  if (!(issuedMs <= nowMs + clockLeewayMs)) return 'it was issued in the future: check your clock'
  if (!(issuedMs > nowMs - messageAgeMsMax - clockLeewayMs)) return 'it was issued too long ago'
  if (expirationTime !== undefined && !(expirationTime.getTime() > nowMs)) return 'it has expired'
  if (notBefore !== undefined && !(notBefore.getTime() <= nowMs + clockLeewayMs)) {
    return 'it is not valid yet'
  }
  return undefined
}

function no(problem: string): SignInWish {
  return { ok: false, problem: `the message was refused: ${problem}` }
}
