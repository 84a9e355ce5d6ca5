import { z } from '@hono/zod-openapi'
import type { Database } from '@mooring/store/database'
import {
  type Deposit,
  listAttestations,
  listDeposits,
  loadDeposit,
  openDepositsOfAccountMax,
  tellDeposit,
} from '@mooring/store/deposits'
import type { Clock } from '@mooring/telemetry/clock'
import type { Limit } from '../../limiter.ts'
import { notFound, Refusal } from '../../refusal.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { amount, amountText, asset, hash, id, seconds, secondsOf } from '../schemas.ts'

const deposit = z
  .object({
    id,
    transactionHash: hash,
    logIndex: z.int(),
    state: z
      .enum(['seen', 'confirming', 'attested-capped', 'final', 'orphaned', 'refused'])
      .openapi({
        description:
          'attested-capped: a tenth is credited until the block is final. orphaned: a fork has undone it.',
      }),
    confirmations: z.object({ have: z.int(), need: z.int() }).nullable(),
    refusal: z.string().nullable().openapi({ description: 'Why it was refused: a code.' }),
    asset: asset.nullable(),
    amount: amount.nullable(),
    credited: amount,
    blockNumber: z.int().nullable(),
    toldAt: seconds,
  })
  .openapi('Deposit')

const attested = deposit
  .extend({
    attestations: z
      .array(z.record(z.string(), z.unknown()))
      .openapi({ description: 'What verifiers signed, by name.' }),
  })
  .openapi('AttestedDeposit')

const place = z
  .strictObject({ transactionHash: hash, logIndex: z.int().min(0).max(1_000_000) })
  .openapi('DepositPlace')
const tags = ['deposits']

export type DepositRouteParts = {
  database: Database
  clock: Clock
  chainId: number
  /** Of one network: every deposit that is told has verifiers asked. */
  limit: Limit
}

export function addDepositRoutes(app: App, guards: Guards, parts: DepositRouteParts): void {
  const { accountRoute } = guards
  const { database, clock, chainId } = parts
  const listRoute = accountRoute('deposits:read', {
    method: 'get',
    path: '/v1/deposits',
    operationId: 'listDeposits',
    summary: 'The deposits of the account.',
    tags,
    responses: { 200: json('Newest first.', z.object({ deposits: z.array(deposit) })) },
  })
  app.openapi(listRoute, async (context) => {
    const found = await listDeposits(database.sql, context.get('caller').account)
    return context.json({ deposits: found.map(depositView) }, 200)
  })

  const tellRoute = accountRoute('deposits:write', {
    method: 'post',
    path: '/v1/deposits',
    operationId: 'tellDeposit',
    summary: 'Tells of a deposit, by the event of the escrow.',
    tags,
    request: { body: body(place) },
    responses: { 202: json('It is credited when enough verifiers attest it.', deposit) },
  })
  app.openapi(tellRoute, async (context) => {
    parts.limit(context.get('network'))
    const { transactionHash, logIndex } = context.req.valid('json')
    const told = { place: { chainId, transactionHash, logIndex }, nowMs: clock.wallMs() }
    const made = await tellDeposit(database.sql, context.get('caller').account, told)
    if (made === undefined) {
      const detail = `${openDepositsOfAccountMax} deposits of this account wait already`
      throw new Refusal('TOO_MANY', detail)
    }
    return context.json(depositView(made), 202)
  })

  const getRoute = accountRoute('deposits:read', {
    method: 'get',
    path: '/v1/deposits/{depositId}',
    operationId: 'getDeposit',
    summary: 'One deposit, with what verifiers attest.',
    tags,
    request: { params: z.object({ depositId: id }) },
    responses: { 200: json('It.', attested) },
  })
  app.openapi(getRoute, async (context) => {
    const owner = {
      account: context.get('caller').account,
      id: context.req.valid('param').depositId,
    }
    const found = await loadDeposit(database.sql, owner.account, owner.id)
    if (found === undefined) throw notFound('deposit')
    const attestations = await listAttestations(database.sql, owner)
    return context.json({ ...depositView(found), attestations }, 200)
  })
}

function depositView(deposit: Deposit) {
  const { id, transactionHash, logIndex, state, refusal, asset, blockNumber } = deposit
  const { confirmations: have, confirmationsNeeded: need } = deposit
  return {
    ...{ id, transactionHash, logIndex, state, refusal, asset, blockNumber },
    confirmations: have === null || need === null ? null : { have, need },
    amount: amountText(deposit.amount),
    credited: amountText(deposit.credited),
    toldAt: secondsOf(deposit.toldAtMs),
  }
}
