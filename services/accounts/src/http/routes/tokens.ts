import { z } from '@hono/zod-openapi'
import { tokenLengthMax } from '@mooring/protocol/access/token'
import type { Database } from '@mooring/store/database'
import { tellDeposit } from '@mooring/store/deposits'
import { storeToken } from '@mooring/store/tokens'
import type { Clock } from '@mooring/telemetry/clock'
import { checkToken } from '../../tokens/check.ts'
import type { KeySet } from '../../tokens/key-set.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { seconds, secondsOf } from '../schemas.ts'

const wish = z.strictObject({ token: z.string().min(1).max(tokenLengthMax) }).openapi('TokenWish')
const stored = z.object({ expiresAt: seconds }).openapi('TokenStored')

export type TokenRouteParts = {
  database: Database
  clock: Clock
  chainId: number
  issuer: string | undefined
  keys: KeySet | undefined
}

/** Tokens that are worth nothing without a key: gateways learn from them that an account may be served. */
export function addTokenRoutes(app: App, { accountRoute }: Guards, parts: TokenRouteParts): void {
  const { database, clock, chainId, issuer, keys } = parts
  const storeRoute = accountRoute('tokens:write', {
    method: 'post',
    path: '/v1/tokens',
    operationId: 'storeToken',
    summary: 'Leaves an access token that is bound to a key, for gateways.',
    tags: ['tokens'],
    request: { body: body(wish) },
    responses: { 201: json('It is kept until it expires.', stored) },
  })
  app.openapi(storeRoute, async (context) => {
    const { account } = context.get('caller')
    const nowMs = clock.wallMs()
    const { token } = context.req.valid('json')
    const checked = await checkToken(token, { account, nowMs, issuer, keys })
    await storeToken(database, account, { stored: checked, nowMs })
    // What it rests on may not have been told yet.
    if (checked.deposit.chainId === chainId) {
      await tellDeposit(database.sql, account, { place: checked.deposit, nowMs })
    }
    return context.json({ expiresAt: secondsOf(checked.expiresAtMs) }, 201)
  })
}
