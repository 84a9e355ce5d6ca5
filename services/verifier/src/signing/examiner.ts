import { type AccessDomain, accessRequestData, signerOf } from '@mooring/onchain/access-statements'
import { walletCommitmentOf } from '@mooring/onchain/access-tokens'
import {
  clockLeewaySeconds,
  type DepositFacts,
  requestAgeSecondsMax,
  type SignedAttestation,
  type TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { x25519 } from '@noble/curves/ed25519.js'
import { type Address, type Hex, hashTypedData, hexToBytes, type LocalAccount } from 'viem'
import { attest } from '../deposits/attest.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { Grant, Grants } from '../state/grants.ts'
import type { Revocations } from '../state/revocations.ts'
import { grantIdOf } from './terms.ts'

/** What this verifier sees of the chain. All of it throws refusals. */
export type ChainView = {
  /** The deposit at a place, when every condition for it holds. */
  checkDeposit(place: { transactionHash: Hex; logIndex: number }): Promise<DepositFacts>
  /** That the account names this key on chain. */
  checkCommitment(account: Address, escrow: Address, keyCommitment: Hex): Promise<void>
  /** Whether an account that is a contract says that it signed. */
  isSignedByContract(
    account: Address,
    data: ReturnType<typeof accessRequestData>,
    signature: Hex,
  ): Promise<boolean>
}

/** A wish for a token that this verifier found right. */
export type Examined = {
  jti: string
  request: TokenRequest
  facts: DepositFacts
  attestation: SignedAttestation
}

/**
 * A wish whose form and time are right. `isSigned`: by the key of its account; otherwise the account may be a contract,
 * which is asked once a deposit of it was found, so that nobody has nodes run code for nothing.
 */
export type Identified = { jti: string; request: TokenRequest; isSigned: boolean }

export type Examiner = {
  /**
   * Checks who wishes, which costs little. Throws a refusal that says what is wrong.
   *
   * @param isOld - Another verifier tells of it; its time was checked when it was new.
   */
  identify(request: TokenRequest, options?: { isOld: boolean }): Promise<Identified>
  /** Looks at the chain for what a wish rests on. Throws a refusal. */
  find(identified: Identified): Promise<Examined>
  /** Both. */
  examine(request: TokenRequest, options?: { isOld: boolean }): Promise<Examined>
  attest(facts: DepositFacts): Promise<SignedAttestation>
}

export type ExaminerContext = {
  domain: AccessDomain
  account: LocalAccount
  clock: Clock
  chain: ChainView
  grants: Grants
  revocations: Revocations
  hourlyTokensMax: number
}

export function createExaminer(context: ExaminerContext): Examiner {
  const { domain, account, clock, chain, grants, revocations } = context
  const sign = (facts: DepositFacts) => attest(account, domain, facts)
  const identify = async (
    request: TokenRequest,
    { isOld } = { isOld: false },
  ): Promise<Identified> => {
    const data = accessRequestData(domain, request)
    const jti = grantIdOf(hashTypedData(data))
    if (revocations.has(jti)) {
      const message = 'the token of this request was revoked: sign a new request'
      throw new VerifierRefusal('REQUEST_USED', message)
    }
    const known = grants.find(jti)
    if (!isOld && !isRenewable(request, known)) {
      assertTime(request, clock.wallMs() / 1_000)
      if (known === undefined) assertNotTooMany(context, request)
    }
    assertDelivery(request)
    const signer = await signerOf(data, request.signature)
    return { jti, request, isSigned: signer?.toLowerCase() === request.account.toLowerCase() }
  }
  const find = async ({ jti, request, isSigned }: Identified): Promise<Examined> => {
    const { transactionHash, keyCommitment } = request
    // A fork may have given the same deposit another place in its block.
    const { logIndex } = grants.find(jti)?.facts ?? request
    const facts = await chain.checkDeposit({ transactionHash, logIndex })
    if (facts.account.toLowerCase() !== request.account.toLowerCase()) {
      throw new VerifierRefusal('WRONG_ACCOUNT', 'the deposit belongs to another account')
    }
    if (!isSigned) await assertSignedByContract(context, request)
    await chain.checkCommitment(request.account, facts.escrow, keyCommitment)
    return { jti, request, facts, attestation: await sign(facts) }
  }
  return {
    attest: sign,
    identify,
    find,
    examine: async (request, options) => find(await identify(request, options)),
  }
}

/**
 * A token that is bound to a key is renewed without the wallet, from the wish that it was made for. A bearer is not: who
 * puts it together sees it, so it is made while its owner waits for it, or not at all.
 */
function isRenewable({ delivery }: TokenRequest, known: Grant | undefined): boolean {
  return delivery !== 'wallet' && known?.token !== undefined
}

async function assertSignedByContract(
  { chain, domain }: Pick<ExaminerContext, 'chain' | 'domain'>,
  request: TokenRequest,
): Promise<void> {
  const { account, signature } = request
  if (await chain.isSignedByContract(account, accessRequestData(domain, request), signature)) return
  const message = `the request is not signed by ${account} over exactly these members`
  throw new VerifierRefusal('BAD_SIGNATURE', message)
}

function assertTime({ issuedAt }: TokenRequest, nowSeconds: number): void {
  const ageSeconds = nowSeconds - issuedAt
  if (ageSeconds > requestAgeSecondsMax + clockLeewaySeconds) {
    const minutes = requestAgeSecondsMax / 60
    throw new VerifierRefusal(
      'REQUEST_EXPIRED',
      `the request was signed more than ${minutes} minutes ago: sign a new one`,
    )
  }
  if (ageSeconds < -clockLeewaySeconds) {
    throw new VerifierRefusal(
      'REQUEST_EXPIRED',
      `the request is from the future by more than ${clockLeewaySeconds} s: set the clock right`,
    )
  }
}

/** Every wish is kept and watched, so an account that has deposited once must not have any number of them. */
export function assertNotTooMany(
  { grants, hourlyTokensMax }: Pick<ExaminerContext, 'grants' | 'hourlyTokensMax'>,
  { account, issuedAt }: TokenRequest,
): void {
  if (grants.countOf(account, issuedAt - 3_600) < hourlyTokensMax) return
  throw new VerifierRefusal(
    'RATE_LIMITED',
    `an account may ask for ${hourlyTokensMax} tokens an hour: use one that it has`,
  )
}

/** A wallet's own key is committed to by itself; the others commit to what a request is made with. */
function assertDelivery({ delivery, deliverTo, keyCommitment }: TokenRequest): void {
  if (!canBeSealedTo(deliverTo)) {
    throw new VerifierRefusal('MALFORMED', '`deliverTo` is no key that anything can be sealed to')
  }
  if (delivery !== 'wallet') return
  if (walletCommitmentOf(deliverTo) !== keyCommitment.toLowerCase()) {
    const message = 'the key commitment is not that of the encryption key of the wallet'
    throw new VerifierRefusal('WRONG_KEY', message)
  }
}

/** Some points give everybody the same secret. */
function canBeSealedTo(publicKey: Hex): boolean {
  try {
    x25519.getSharedSecret(x25519.utils.randomSecretKey(), hexToBytes(publicKey))
    return true
  } catch {
    return false
  }
}
