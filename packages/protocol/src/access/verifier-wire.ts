/**
 * What verifiers are asked and answer, as JSON over HTTP. Failures are problem documents (RFC 9457) whose `code` is one
 * of `verifierProblems`. Amounts are decimal strings in base units, hashes and keys 0x and 64 hexadecimal digits.
 */

export type Hex = `0x${string}`

/** `GET /v1/network`: what a client has to know before it asks for a token. */
export type VerifierNetwork = {
  issuer: string
  chainId: number
  escrows: { ankr: Hex; usd: Hex }
  /** In ascending order. */
  members: Hex[]
  /** How many verifiers must agree. */
  threshold: number
  /** This verifier. */
  address: Hex
  /** Blocks on top of a deposit before a token is issued. */
  depthBlocks: number
  /** Undefined until the verifiers have made a key together. */
  kid?: string | undefined
}

/** How a token reaches its owner, and what it is bound to. Each asks for another commitment at the deposit. */
export const deliveries = {
  /** Sealed to the wallet's own X25519 key, as `eth_decrypt` opens it. Commitment: SHA-256 of `mooring wallet key v1` and that public key. */
  wallet: 1,
  /** Bound to an access key that its owner made. Commitment: SHA-256 of that key's 32 bytes. */
  key: 2,
  /** Bound to a key that signs every request. Commitment: its RFC 7638 thumbprint. */
  proof: 3,
} as const
export type Delivery = keyof typeof deliveries

/** `POST /v1/tokens`: signed by the wallet as EIP-712 typed data; see `accessRequestData`. */
export type TokenRequest = {
  account: Hex
  transactionHash: Hex
  logIndex: number
  keyCommitment: Hex
  delivery: Delivery
  /** X25519 public key that the token is sealed to. */
  deliverTo: Hex
  /** Seconds since 1970; refused when it is older than `requestAgeSecondsMax` or ahead by more than the leeway. */
  issuedAt: number
  nonce: Hex
  signature: Hex
}

/** Five minutes, as for sign-in. */
export const requestAgeSecondsMax = 300
/** So far clocks may differ. */
export const clockLeewaySeconds = 30

/** Answer to `POST /v1/tokens`. */
export type TokenAnswer = {
  /** So that whoever must revoke a token can name it; the token itself is in `sealed`. */
  jti: string
  stage: 'capped' | 'full'
  /** Seconds since 1970. */
  expiresAt: number
  sealed: Sealed
  /** Signatures by name over the facts of the deposit, at least the threshold. */
  attestations: SignedAttestation[]
}

export type Sealed =
  /** What `eth_decrypt` takes, X25519 with XSalsa20-Poly1305. */
  | { kind: 'wallet'; envelope: WalletEnvelope }
  /** A compact JWE, ECDH-ES and A256GCM, RFC 7516 and 8037. */
  | { kind: 'jwe'; jwe: string }

export type WalletEnvelope = {
  version: 'x25519-xsalsa20-poly1305'
  nonce: string
  ephemPublicKey: string
  ciphertext: string
}

/** `POST /v1/attestations`: what one verifier found out about a deposit by itself. */
export type AttestationRequest = { transactionHash: Hex; logIndex: number }

export type DepositFacts = {
  /** The contract that took it in. */
  escrow: Hex
  account: Hex
  transactionHash: Hex
  logIndex: number
  amount: string
  /** The account's life that it belongs to. */
  life: number
  blockNumber: number
  blockHash: Hex
  /** Its block is one that its chain calls final. */
  isFinal: boolean
}

export type SignedAttestation = DepositFacts & { verifier: Hex; signature: Hex }

/** `GET /v1/tokens/{key#S256}`: the token bound to an access key, which is worth nothing without the key. */
export type BoundToken = { token: string }

/**
 * `GET /v1/revocations?after=N`: what a verifier holds for void, in the order it found out. It counts when as many
 * verifiers as the threshold say so.
 */
export type RevocationList = { next: number; revocations: SignedRevocation[] }

export type RevocationReason =
  /** The deposit is on no branch of the chain any more. */
  | 'orphaned'
  /** The account names another key on chain. */
  | 'rekeyed'
  /** A withdrawal has emptied the account. */
  | 'withdrawn'

export type SignedRevocation = {
  jti: string
  reason: RevocationReason
  /** Seconds since 1970. */
  revokedAt: number
  verifier: Hex
  signature: Hex
}

/** `GET /.well-known/jwks.json`: keys of the group, RFC 7517, each signed by the verifiers by name. */
export type GroupKeySet = {
  keys: GroupJwk[]
  /**
   * Keys that ended at once: as many verifiers as the threshold signed that their time is empty. They stand beside the
   * others, so that libraries that know nothing of it do not take them either.
   */
  'mooring:ended': GroupJwk[]
}

export type GroupJwk = {
  kty: 'OKP'
  crv: 'Ed25519'
  alg: 'EdDSA'
  use: 'sig'
  kid: string
  x: string
  /**
   * Seconds since 1970 from which tokens are signed with it, and when the last of them has ended; null while it is in
   * use. Where both are equal it ended at once, and nothing that it signed counts.
   */
  'mooring:from': number
  'mooring:until': number | null
  'mooring:signatures': { verifier: Hex; signature: Hex }[]
}

/** Whether a statement about a key ends it at once: its time is empty, so all verifiers can sign the same at any time. */
export function isEndedAtOnce(key: Pick<GroupJwk, 'mooring:from' | 'mooring:until'>): boolean {
  return key['mooring:until'] !== null && key['mooring:until'] <= key['mooring:from']
}

/** What verifiers refuse, and whether asking again could help. */
export const verifierProblems = {
  MALFORMED: { http: 400, retry: 'never' },
  BAD_SIGNATURE: { http: 403, retry: 'never' },
  REQUEST_EXPIRED: { http: 403, retry: 'never' },
  REQUEST_USED: { http: 409, retry: 'never' },
  NO_SUCH_DEPOSIT: { http: 404, retry: 'later' },
  TRANSACTION_FAILED: { http: 422, retry: 'never' },
  NOT_A_DEPOSIT: { http: 422, retry: 'never' },
  WRONG_ACCOUNT: { http: 403, retry: 'never' },
  WRONG_KEY: { http: 403, retry: 'never' },
  DEPOSIT_TOO_SMALL: { http: 422, retry: 'never' },
  TOO_FEW_CONFIRMATIONS: { http: 409, retry: 'later' },
  ORPHANED: { http: 409, retry: 'later' },
  ACCOUNT_CLOSED: { http: 409, retry: 'never' },
  SOURCES_DIFFER: { http: 503, retry: 'later' },
  SOURCE_UNREACHABLE: { http: 503, retry: 'later' },
  CONTRACT_UNKNOWN: { http: 503, retry: 'never' },
  NO_GROUP_KEY: { http: 503, retry: 'later' },
  TOO_FEW_VERIFIERS: { http: 503, retry: 'later' },
  NO_SETTLEMENT: { http: 501, retry: 'never' },
  NOT_FOUND: { http: 404, retry: 'never' },
  BAD_CREDENTIAL: { http: 401, retry: 'never' },
  RATE_LIMITED: { http: 429, retry: 'later' },
  INTERNAL: { http: 500, retry: 'later' },
} as const satisfies Record<string, { http: number; retry: 'never' | 'later' }>
export type VerifierProblemCode = keyof typeof verifierProblems

/** RFC 9457. */
export type VerifierProblem = {
  type: string
  title: string
  status: number
  code: VerifierProblemCode
  detail: string
  /** Which verifiers said no and why, where several were asked. */
  verifiers?: { verifier: Hex; code: VerifierProblemCode | 'UNREACHABLE'; detail: string }[]
  /** How many blocks are on top of it, and how many are needed. */
  confirmations?: { have: number; need: number }
  /** Of RATE_LIMITED, where it is known. */
  retryAfterSeconds?: number
}
