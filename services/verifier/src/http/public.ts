import { ClientKeys } from '@mooring/market/quotas/client-keys'
import type {
  AttestationRequest,
  BoundToken,
  GroupKeySet,
  RevocationList,
  SignedAttestation,
  TokenAnswer,
  TokenRequest,
  VerifierNetwork,
} from '@mooring/protocol/access/verifier-wire'
import {
  type SettlementAnswer,
  type SettlementWish,
  settlementPaths,
} from '@mooring/protocol/settlement/signing-wire'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { Introduction } from '../channel/identity.ts'
import { VerifierRefusal } from '../refusal.ts'
import { settlementWish } from '../settlement/wish.ts'
import { attestationRequest, tokenRequest } from '../signing/wire.ts'
import type { Asker } from './limiter.ts'
import { parseBody, problemResponse } from './problems.ts'

/** What a verifier answers to clients, gateways, the accounts service and other verifiers. */
export type PublicApi = {
  network(): Promise<VerifierNetwork>
  introduce(nonce: string): Promise<Introduction>
  keySet(): Promise<GroupKeySet>
  requestToken(request: TokenRequest): Promise<TokenAnswer>
  findToken(keyHash: string): BoundToken | undefined
  attest(request: AttestationRequest): Promise<SignedAttestation>
  signSettlement(wish: SettlementWish): SettlementAnswer
  revocations(after: number): Promise<RevocationList>
  /** A sealed message of another verifier. */
  hear(text: string): Promise<string>
  isReady(): boolean
  /** Proxies of the operator's in front. */
  trustedProxyHops: number
  /** Throws a refusal when the client has asked too much. */
  limit(clientKey: string): void
  /** The same of questions that services ask, too. */
  limitAsker(asker: Asker): void
  /** The same of messages, which verifiers send many of. */
  limitPeer(clientKey: string): void
  refused(code: string): void
  broke(error: unknown): void
}

type Bindings = { Bindings: { address: string } }

const bodyBytesMax = 1_048_576

export function createPublicApp(api: PublicApi): Hono<Bindings> {
  const app = new Hono<Bindings>()
  const clientKeys = new ClientKeys()
  const clientOf = ({ env, req }: Context<Bindings>) =>
    clientKeys.keyOf(env.address, req.header('x-forwarded-for'), api.trustedProxyHops)
  app.use(cors({ origin: '*', allowMethods: ['GET', 'POST'], allowHeaders: ['content-type'] }))
  app.use(async (context, next) => {
    await next()
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'no-referrer')
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
  })
  app.use(bodyLimit({ maxSize: bodyBytesMax, onError: tooLarge }))
  app.onError((error) => {
    const { response, code } = problemResponse(error)
    api.refused(code)
    if (code === 'INTERNAL') api.broke(error)
    return response
  })
  app.notFound(() => problemResponse(new VerifierRefusal('NOT_FOUND', paths)).response)

  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/ready', (context) => context.json({ ok: api.isReady() }, api.isReady() ? 200 : 503))
  app.get('/v1/network', async (context) => context.json(await api.network()))
  app.get('/v1/introduction', async (context) => {
    api.limitPeer(clientOf(context))
    const nonce = context.req.query('nonce') ?? ''
    if (!/^[0-9a-f-]{16,64}$/.test(nonce)) {
      throw new VerifierRefusal('MALFORMED', '`nonce` has to be 16 to 64 hexadecimal digits')
    }
    return context.json(await api.introduce(nonce))
  })
  app.get('/.well-known/jwks.json', async (context) => {
    // A copy on the way would keep a key alive that has ended.
    context.header('cache-control', 'no-cache')
    return context.json(await api.keySet())
  })
  app.post('/v1/tokens', async (context) => {
    api.limit(clientOf(context))
    return context.json(await api.requestToken(parseBody(tokenRequest, await context.req.text())))
  })
  app.get('/v1/tokens/:keyHash', (context) => {
    const found = api.findToken(context.req.param('keyHash'))
    if (found === undefined) throw new VerifierRefusal('NOT_FOUND', 'no token is bound to that key')
    return context.json(found)
  })
  app.post('/v1/attestations', async (context) => {
    const authorization = context.req.header('authorization')
    api.limitAsker({ clientKey: clientOf(context), authorization })
    return context.json(await api.attest(parseBody(attestationRequest, await context.req.text())))
  })
  app.post(settlementPaths.signatures, async (context) => {
    const authorization = context.req.header('authorization')
    api.limitAsker({ clientKey: clientOf(context), authorization })
    return context.json(api.signSettlement(parseBody(settlementWish, await context.req.text())))
  })
  app.get('/v1/revocations', async (context) => {
    const after = context.req.query('after') ?? '0'
    if (!/^\d{1,15}$/.test(after)) throw new VerifierRefusal('MALFORMED', '`after` is no number')
    return context.json(await api.revocations(Number(after)))
  })
  app.post('/peer', async (context) => {
    api.limitPeer(clientOf(context))
    const answer = await api.hear(await context.req.text())
    return context.text(answer, 200, { 'content-type': 'application/jose' })
  })
  return app
}

const paths =
  'there is no such path: GET /v1/network, /v1/tokens/{key hash}, /v1/revocations and /.well-known/jwks.json, POST /v1/tokens, /v1/attestations and /v1/settlement/signatures'

function tooLarge(): Response {
  const refusal = new VerifierRefusal('MALFORMED', `the body has more than ${bodyBytesMax} bytes`)
  return problemResponse(refusal).response
}
