import { randomBytes } from 'node:crypto'
import { accountNameOf } from '@mooring/protocol/access/names'
import { ensureAccount } from '@mooring/store/accounts'
import type { Database } from '@mooring/store/database'
import { saveNonce, takeNonce } from '@mooring/store/nonces'
import { type Session, saveSession } from '@mooring/store/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import type { Hex } from 'viem'
import type { SignInConfig } from '../config.ts'
import type { Events } from '../events.ts'
import type { Limit } from '../limiter.ts'
import { Refusal } from '../refusal.ts'
import { createSecret, hashOf } from '../secrets.ts'
import { messageAgeMsMax, readSignInMessage } from './message.ts'
import type { SignatureCheck } from './signature.ts'

export type SignInParts = {
  database: Database
  clock: Clock
  events: Events
  config: SignInConfig
  /** Pages that people sign in from, and this service itself. */
  origins: () => readonly string[]
  checkSignature: SignatureCheck
  /** Of one network: nonces and sign-ins. */
  limitNetwork: Limit
  /** Of one account: sign-ins that were right. */
  limitAccount: Limit
}

export type Nonce = { nonce: string; expiresAtMs: number }
/** The token is told once, here, and its hash kept. */
export type SignedIn = { token: string; session: Session }

export type SignIn = ReturnType<typeof createSignIn>

const nonceBytes = 16
const dayMs = 86_400_000

export function createSignIn(parts: SignInParts) {
  const { database, clock, limitNetwork } = parts
  return {
    async giveNonce(network: string): Promise<Nonce> {
      limitNetwork(network)
      const nonce = randomBytes(nonceBytes).toString('hex')
      const expiresAtMs = clock.wallMs() + messageAgeMsMax
      await saveNonce(database.sql, hashOf(nonce), expiresAtMs)
      return { nonce, expiresAtMs }
    },

    async signIn(message: string, signature: Hex, network: string): Promise<SignedIn> {
      limitNetwork(network)
      return await signIn(parts, { message, signature, network })
    },
  }
}

async function signIn(
  { database, clock, events, config, origins, checkSignature, limitAccount }: SignInParts,
  { message, signature, network }: { message: string; signature: Hex; network: string },
): Promise<SignedIn> {
  const nowMs = clock.wallMs()
  const wish = readSignInMessage(message, { chainId: config.chainId, origins: origins(), nowMs })
  if (!wish.ok) throw new Refusal('SIGN_IN_REFUSED', wish.problem)
  // Taken before anything that costs something: one nonce buys one check, right or wrong.
  if (!(await takeNonce(database.sql, hashOf(wish.nonce), nowMs))) {
    throw new Refusal('SIGN_IN_REFUSED', 'the nonce was used or has ended: ask for another one')
  }
  const kind = await checkSignature({ ...wish, message, signature }, network)
  if (kind === undefined) {
    throw new Refusal('SIGN_IN_REFUSED', 'the signature is not that of the wallet in the message')
  }
  const wallet = accountNameOf(config.chainId, wish.address)
  // Only sign-ins that were right count, so that nobody else can use up what an account may have.
  limitAccount(wallet)
  await ensureAccount(database, wallet, nowMs)
  const token = createSecret()
  const endsAtMs = nowMs + config.sessionDaysMax * dayMs
  const session = await saveSession(database, { tokenHash: hashOf(token), wallet, nowMs, endsAtMs })
  events.signedIn(wallet, kind)
  return { token, session }
}
