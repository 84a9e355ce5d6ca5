import { type AccessClaims, parseClaims } from './claims.ts'

/**
 * Access tokens as bytes: a compact JWS of an EdDSA key (RFC 7515, 8037) that is a JWT access token (RFC 9068).
 * Whether a signature is right is told elsewhere; here is what it is over.
 */
export type AccessToken = {
  /** Thumbprint of the key that signed it. */
  kid: string
  claims: AccessClaims
  /** What was signed: ASCII. */
  signingInput: string
  /** 64 bytes. */
  signature: Uint8Array<ArrayBuffer>
}

export type TokenResult = { ok: true; token: AccessToken } | { ok: false; problem: string }

/** A token of ours has some 900 characters. */
export const tokenLengthMax = 4_096

const kidText = /^[A-Za-z0-9_-]{43}$/

/** The text that the verifiers sign. JSON without spaces, members in the order of the types. */
export function signingInputOf(kid: string, claims: AccessClaims): string {
  return `${headerTextOf(kid)}.${encodeText(JSON.stringify(ordered(claims)))}`
}

/** The first of the three parts of every token that is signed with a key. */
export function headerTextOf(kid: string): string {
  return encodeText(JSON.stringify(headerOf(kid)))
}

/** @param signature - 64 bytes over the ASCII of `signingInput`. */
export function formatToken(signingInput: string, signature: Uint8Array): string {
  return `${signingInput}.${encodeBytes(signature)}`
}

/**
 * Takes a token apart and checks its form strictly: one algorithm, one type, no header member but those three, no
 * member twice, nothing that another parser could read differently.
 */
export function parseToken(text: string): TokenResult {
  if (text.length > tokenLengthMax) return no(`it is longer than ${tokenLengthMax} characters`)
  const parts = text.split('.')
  if (parts.length !== 3) return no('it has not three parts')
  const [headerText = '', payloadText = '', signatureText = ''] = parts
  const header = decodeJson(headerText)
  const payload = decodeJson(payloadText)
  const signature = decodeBytes(signatureText)
  if (header === undefined || payload === undefined || signature === undefined) {
    return no('a part of it is no canonical base64url of canonical JSON')
  }
  const kid = kidOf(header)
  if (kid === undefined) return no('its header is not that of an access token')
  if (signature.length !== 64) return no('its signature has not 64 bytes')
  const parsed = parseClaims(payload)
  if (!parsed.ok) return no(parsed.problem)
  const signingInput = text.slice(0, headerText.length + 1 + payloadText.length)
  return { ok: true, token: { kid, claims: parsed.claims, signingInput, signature } }
}

export function encodeBytes(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** @returns Undefined for what is not the one base64url text of its bytes: no padding, no spare bits. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: 'base64url' })
    return encodeBytes(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}

function headerOf(kid: string): object {
  return { alg: 'EdDSA', typ: 'at+jwt', kid }
}

function kidOf(header: unknown): string | undefined {
  if (typeof header !== 'object' || header === null) return undefined
  const { kid } = header as Record<string, unknown>
  if (typeof kid !== 'string' || !kidText.test(kid)) return undefined
  return JSON.stringify(header) === JSON.stringify(headerOf(kid)) ? kid : undefined
}

/** One text for the same claims, whatever made them. */
function ordered(claims: AccessClaims): AccessClaims {
  const { iss, aud, sub, jti, iat, exp, tier, dep, stage, cap, epoch, att, cnf } = claims
  return {
    ...{ iss, aud, sub, jti, iat, exp, tier, dep, stage },
    ...(cap === undefined ? {} : { cap }),
    ...{ epoch, att },
    ...(cnf === undefined ? {} : { cnf }),
  }
}

function encodeText(text: string): string {
  return encodeBytes(new TextEncoder().encode(text))
}

/** A member that stands twice, a space, a number written in another way: all of them do not come back as they were. */
function decodeJson(text: string): unknown {
  const bytes = decodeBytes(text)
  if (bytes === undefined) return undefined
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(json)
    return JSON.stringify(value) === json ? value : undefined
  } catch {
    return undefined
  }
}

function no(problem: string): TokenResult {
  return { ok: false, problem: `the token is not valid: ${problem}` }
}
