import { parseAccountName, parseDepositName } from './names.ts'

/** What access tokens are for, as their `aud`. */
export const gatewayAudience = 'mooring-gateway'

/** What an access token says. Members that are not named here are refused, so that none is passed over. */
export type AccessClaims = {
  /** Whose verifiers signed it; see `issuerOf`. */
  iss: string
  aud: string
  /** The account, as CAIP-10. */
  sub: string
  /** The same request gets the same id, so that asking twice makes no second token. */
  jti: string
  /** Seconds since 1970. */
  iat: number
  exp: number
  tier: 'premium'
  /** The deposit it rests on; see `depositNameOf`. */
  dep: string
  /**
   * How much of the deposit may be used: `capped` until its block is final, because a fork may still undo it.
   * `cap` is in base units of the deposited asset, and there while it is capped.
   */
  stage: 'capped' | 'full'
  cap?: string
  /** The account's life on chain. A withdrawal that empties the account ends it, and tokens of it with it. */
  epoch: number
  /** SHA-256, as base64url, of the attestations that the signers saw; see `attestationsText`. */
  att: string
  /** What the token is bound to. Without it whoever bears the token may use it. */
  cnf?: Confirmation
}

export type Confirmation =
  /** SHA-256 of an access key, as base64url: the key is sent with a request, and the token alone is worth nothing. */
  | { 'key#S256': string }
  /** Thumbprint of a key that signs a proof for every request. RFC 9449, section 6.1. */
  | { jkt: string }

/** Why a value is no claims. `undefined` stands for no problem. */
export type ClaimsResult = { ok: true; claims: AccessClaims } | { ok: false; problem: string }

const digestText = /^[A-Za-z0-9_-]{43}$/
/** Past it nobody's clock is right: the year 5138. */
const secondsMax = 10 ** 11

const memberChecks: Readonly<Record<keyof AccessClaims, (value: unknown) => boolean>> = {
  iss: (value) => isText(value, 128),
  aud: (value) => isText(value, 128),
  sub: (value) => typeof value === 'string' && parseAccountName(value) !== undefined,
  jti: (value) => isDigest(value),
  iat: isSeconds,
  exp: isSeconds,
  tier: (value) => value === 'premium',
  dep: (value) => typeof value === 'string' && parseDepositName(value) !== undefined,
  stage: (value) => value === 'capped' || value === 'full',
  cap: (value) => value === undefined || (typeof value === 'string' && isAmount(value)),
  epoch: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32,
  att: isDigest,
  cnf: (value) => value === undefined || isConfirmation(value),
}

/** Reads the payload of a token. Says nothing about whether its signature, issuer or time is right. */
export function parseClaims(value: unknown): ClaimsResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problem: 'the payload is no JSON object' }
  }
  const given = value as Record<string, unknown>
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(memberChecks, name))
  if (unknown !== undefined) {
    return { ok: false, problem: 'the payload has a member that means nothing here' }
  }
  for (const [name, isRight] of Object.entries(memberChecks)) {
    if (!isRight(given[name])) return { ok: false, problem: `\`${name}\` is missing or wrong` }
  }
  // Every member was checked above.
  const claims = given as AccessClaims
  if (claims.exp <= claims.iat) return { ok: false, problem: '`exp` is not after `iat`' }
  if ((claims.stage === 'capped') !== (claims.cap !== undefined)) {
    return { ok: false, problem: '`cap` belongs to a capped token, and to no other' }
  }
  return { ok: true, claims }
}

/** What the signers of a token saw attested, as the text whose SHA-256 is `att`: one line each, in order. */
export function attestationsText(signatures: readonly string[]): string {
  return [...signatures].sort().join('\n')
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === 'string' && value !== '' && value.length <= lengthMax
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && digestText.test(value)
}

function isSeconds(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < secondsMax
}

function isAmount(value: string): boolean {
  return /^(?:0|[1-9]\d{0,77})$/.test(value)
}

function isConfirmation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const entries = Object.entries(value)
  const [name, digest] = entries[0] ?? []
  return entries.length === 1 && (name === 'key#S256' || name === 'jkt') && isDigest(digest)
}
