import { createHash } from 'node:crypto'
import type { Deployment } from '@mooring/onchain/deployment'
import {
  type AccessClaims,
  attestationsText,
  type Confirmation,
  gatewayAudience,
} from '@mooring/protocol/access/claims'
import { accountNameOf, depositNameOf, issuerOf } from '@mooring/protocol/access/names'
import { encodeBytes } from '@mooring/protocol/access/token'
import type {
  DepositFacts,
  SignedAttestation,
  TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import { type Hex, hexToBytes } from 'viem'

/** On what terms tokens are issued. All verifiers of a network have the same, or they cannot agree on a token. */
export type Terms = {
  issuer: string
  chainId: number
  /** How much of a deposit may be used before its block is final: the most that a fork can cost. */
  cappedPercent: number
  cappedLifeSeconds: number
  fullLifeSeconds: number
}

export function termsOf(
  config: Pick<Terms, 'cappedPercent' | 'cappedLifeSeconds' | 'fullLifeSeconds'>,
  { chainId, parts }: Deployment,
): Terms {
  const { cappedPercent, cappedLifeSeconds, fullLifeSeconds } = config
  const issuer = issuerOf(chainId, parts.ankrEscrow)
  return { issuer, chainId, cappedPercent, cappedLifeSeconds, fullLifeSeconds }
}

/** One name for one wish, whatever tokens are made for it. */
export function grantIdOf(requestHash: Hex): string {
  return encodeBytes(hexToBytes(requestHash))
}

/** What the access key's hash on chain looks like in tokens. */
export function digestOf(hex: Hex): string {
  return encodeBytes(hexToBytes(hex))
}

/** What a token says, from facts that every signer has found out by itself. */
export function claimsOf(
  { issuer, chainId, cappedPercent, cappedLifeSeconds, fullLifeSeconds }: Terms,
  {
    request,
    jti,
    facts,
    attestations,
    issuedAt,
  }: {
    request: TokenRequest
    jti: string
    /** Of any of the signers: they agree on all but finality. */
    facts: DepositFacts
    attestations: readonly SignedAttestation[]
    issuedAt: number
  },
): AccessClaims {
  const stage = attestations.every(({ isFinal }) => isFinal) ? 'full' : 'capped'
  const lifeSeconds = stage === 'full' ? fullLifeSeconds : cappedLifeSeconds
  const { transactionHash, logIndex, life, amount } = facts
  const cnf = confirmationOf(request)
  return {
    iss: issuer,
    aud: gatewayAudience,
    sub: accountNameOf(chainId, request.account),
    jti,
    iat: issuedAt,
    exp: issuedAt + lifeSeconds,
    tier: 'premium',
    dep: depositNameOf({ chainId, transactionHash, logIndex }),
    stage,
    // Rounds down, in favour of the network: it is the part that a fork may take back.
    ...(stage === 'capped' ? { cap: `${(BigInt(amount) * BigInt(cappedPercent)) / 100n}` } : {}),
    epoch: life,
    att: attestationsDigest(attestations),
    ...(cnf === undefined ? {} : { cnf }),
  }
}

function attestationsDigest(attestations: readonly SignedAttestation[]): string {
  const text = attestationsText(attestations.map(({ signature }) => signature))
  return createHash('sha256').update(text).digest('base64url')
}

function confirmationOf({ delivery, keyCommitment }: TokenRequest): Confirmation | undefined {
  switch (delivery) {
    case 'wallet':
      return undefined
    case 'key':
      return { 'key#S256': digestOf(keyCommitment) }
    case 'proof':
      return { jkt: digestOf(keyCommitment) }
  }
}

/** Whether two verifiers found the same deposit; one may see it final a moment before the other. */
export function isSameDeposit(one: DepositFacts, other: DepositFacts): boolean {
  return textOf(one) === textOf(other)
}

function textOf(facts: DepositFacts): string {
  const { escrow, account, transactionHash, logIndex, amount, life, blockNumber, blockHash } = facts
  const parts = [escrow, account, transactionHash, logIndex, amount, life, blockNumber, blockHash]
  return JSON.stringify(parts).toLowerCase()
}
