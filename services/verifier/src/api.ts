import type { Deployment } from '@mooring/onchain/deployment'
import type { Clock } from '@mooring/telemetry/clock'
import type { Hex, LocalAccount } from 'viem'
import { BadMessage } from './channel/channel.ts'
import type { Introduction } from './channel/identity.ts'
import type { VerifierConfig } from './config.ts'
import type { DepositChecks } from './deposits/check.ts'
import type { Events } from './events.ts'
import type { Group } from './group/group.ts'
import type { Membership } from './group/membership.ts'
import { createAskerLimiter, createLimiter } from './http/limiter.ts'
import type { PublicApi } from './http/public.ts'
import { VerifierRefusal } from './refusal.ts'
import type { SettlementDesk } from './settlement/desk.ts'
import type { Examiner } from './signing/examiner.ts'
import type { Terms } from './signing/terms.ts'
import type { Store } from './state/store.ts'
import type { Tokens } from './tokens/tokens.ts'

export type ApiContext = {
  config: VerifierConfig
  deployment: Deployment
  account: LocalAccount
  clock: Clock
  group: Group
  store: Store
  tokens: Tokens
  examiner: Examiner
  checks: DepositChecks
  events: Events
  terms: Terms
  /** Undefined where the operator has not named a billing service. */
  settlement: SettlementDesk | undefined
  introduce(nonce: string): Promise<Introduction>
  membership: Pick<Membership, 'current' | 'read'>
  hear(text: string): Promise<string>
}

const revocationsMax = 500
/** Opening a message costs about a millisecond. */
const peerRule = { perSecond: 200, burst: 1_000 }

/** What the outside may ask of this verifier, put together from its parts. */
export function createApi(context: ApiContext): PublicApi {
  const { account, checks, clock, config, deployment, events, group, store, tokens } = context
  const { ankrEscrow, stableEscrow } = deployment.parts
  const { rate, services } = config
  const limit = createLimiter(
    { perSecond: rate.requestsPerSecond, burst: rate.burstRequests },
    clock,
  )
  const limitService = createLimiter(
    { perSecond: rate.serviceRequestsPerSecond, burst: rate.serviceBurstRequests },
    clock,
  )
  return {
    introduce: context.introduce,
    isReady: () => group.signingKey !== undefined,
    trustedProxyHops: config.trustedProxyHops,
    limit,
    limitAsker: createAskerLimiter({ services, client: limit, service: limitService }),
    limitPeer: createLimiter(peerRule, clock),
    refused: (code) => events.refused(code as Parameters<Events['refused']>[0]),
    broke: events.broke,
    async network() {
      // The one that is known answers any number of questions.
      const { membership } = context
      const { members, threshold } = membership.current ?? (await membership.read())
      return {
        issuer: context.terms.issuer,
        chainId: deployment.chainId,
        escrows: { ankr: ankrEscrow, usd: stableEscrow },
        members: [...members],
        threshold,
        address: account.address,
        depthBlocks: config.depthBlocks,
        kid: group.signingKey?.kid,
      }
    },
    keySet: () => group.published(),
    async requestToken(request) {
      const startedMs = clock.nowMs()
      const answer = await tokens.request(request)
      const { jti, stage } = answer
      events.issued({ jti, stage, tookMs: clock.nowMs() - startedMs })
      return answer
    },
    findToken(keyHash) {
      const token = tokens.findByKey(keyHash)
      return token === undefined ? undefined : { token }
    },
    async attest(place) {
      const check = await checks.checkDeposit(place)
      if (check.ok) return context.examiner.attest(check.facts)
      const { code, detail, confirmations } = check
      throw new VerifierRefusal(code, detail, confirmations === undefined ? {} : { confirmations })
    },
    signSettlement(wish) {
      if (context.settlement !== undefined) return context.settlement.ask(wish)
      const message =
        'this verifier signs no settlement: its operator has to set `settlement`; ask another one'
      throw new VerifierRefusal('NO_SETTLEMENT', message)
    },
    async revocations(after) {
      const { next, revocations } = store.revocations.after(after, revocationsMax)
      const verifier: Hex = account.address
      return { next, revocations: revocations.map((one) => ({ ...one, verifier })) }
    },
    async hear(text) {
      try {
        return await context.hear(text)
      } catch (error) {
        if (!(error instanceof BadMessage)) throw error
        events.badMessage(error.message)
        throw new VerifierRefusal('MALFORMED', 'this is no message of another verifier')
      }
    },
  }
}
