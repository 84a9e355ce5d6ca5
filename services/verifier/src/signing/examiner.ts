import { createHash } from 'node:crypto'
import {
  type AccessDomain,
  accessRequestData,
  attestationData,
} from '@mooring/onchain/access-statements'
import {
  clockLeewaySeconds,
  type DepositFacts,
  requestAgeSecondsMax,
  type SignedAttestation,
  type TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { type Address, type Hex, hashTypedData, hexToBytes, type LocalAccount } from 'viem'
import { VerifierRefusal } from '../refusal.ts'
import type { Grants } from '../state/grants.ts'
import type { Revocations } from '../state/revocations.ts'
import { digestOf, grantIdOf } from './terms.ts'

/** What this verifier sees of the chain. All of it throws refusals. */
export type ChainView = {
  /** The deposit at a place, when every condition for it holds. */
  checkDeposit(place: { transactionHash: Hex; logIndex: number }): Promise<DepositFacts>
  /** That the account names this key on chain. */
  checkCommitment(account: Address, escrow: Address, keyCommitment: Hex): Promise<void>
  /** Whether the wallet of the account signed; it may be a contract. */
  isSignedBy(
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

/** A wish that its wallet signed; whether a deposit is behind it is not known yet. */
export type Signed = { jti: string; request: TokenRequest }

export type Examiner = {
  /**
   * Checks who wishes, which costs little. Throws a refusal that says what is wrong.
   *
   * @param isOld - Another verifier tells of it; its time was checked when it was new.
   */
  identify(request: TokenRequest, options?: { isOld: boolean }): Promise<Signed>
  /** Looks at the chain for what a wish rests on. Throws a refusal. */
  find(signed: Signed): Promise<Examined>
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
  const attest = async (facts: DepositFacts): Promise<SignedAttestation> => {
    const signature = await account.signTypedData(attestationData(domain, facts))
    return { ...facts, verifier: account.address, signature }
  }
  const identify = async (request: TokenRequest, { isOld } = { isOld: false }): Promise<Signed> => {
    const data = accessRequestData(domain, request)
    const jti = grantIdOf(hashTypedData(data))
    if (revocations.has(jti)) {
      const message = 'the token of this request was revoked: sign a new request'
      throw new VerifierRefusal('REQUEST_USED', message)
    }
    // What was found right once may be asked for again, so that tokens are renewed without the wallet.
    if (!isOld && grants.find(jti) === undefined) {
      assertTime(request, clock.wallMs() / 1_000)
      assertNotTooMany(context, request)
    }
    assertDelivery(request)
    if (await chain.isSignedBy(request.account, data, request.signature)) return { jti, request }
    const message = `the request is not signed by ${request.account} over exactly these members`
    throw new VerifierRefusal('BAD_SIGNATURE', message)
  }
  const find = async ({ jti, request }: Signed): Promise<Examined> => {
    const { transactionHash, keyCommitment } = request
    // A fork may have given the same deposit another place in its block.
    const { logIndex } = grants.find(jti)?.facts ?? request
    const facts = await chain.checkDeposit({ transactionHash, logIndex })
    if (facts.account.toLowerCase() !== request.account.toLowerCase()) {
      throw new VerifierRefusal('WRONG_ACCOUNT', 'the deposit belongs to another account')
    }
    await chain.checkCommitment(request.account, facts.escrow, keyCommitment)
    return { jti, request, facts, attestation: await attest(facts) }
  }
  return {
    attest,
    identify,
    find,
    examine: async (request, options) => find(await identify(request, options)),
  }
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
function assertNotTooMany(
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
  if (delivery !== 'wallet') return
  const digest = createHash('sha256').update(hexToBytes(deliverTo)).digest('base64url')
  if (digest !== digestOf(keyCommitment)) {
    throw new VerifierRefusal(
      'WRONG_KEY',
      'the key commitment is not the SHA-256 of the encryption key of the wallet',
    )
  }
}
