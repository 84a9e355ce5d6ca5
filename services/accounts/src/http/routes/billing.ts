import { z } from '@hono/zod-openapi'
import { mulDivUp } from '@mooring/market/economy/money/mul-div'
import { legs, type Verb } from '@mooring/market/metering/holding'
import type { Database } from '@mooring/store/database'
import {
  type AssetStatement,
  type BookedMove,
  listMoves,
  type MoveFilter,
  readStatement,
} from '@mooring/store/ledger/statement'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../../events.ts'
import { type ExportColumn, exportFormats } from '../../exports/export.ts'
import { file, fileAnswer } from '../file-answer.ts'
import { hoursOf, hourTime, isoOf, msOfHour } from '../hours.ts'
import { type App, type Guards, json } from '../route.ts'
import { amount, amountText, asset } from '../schemas.ts'

const movesMax = 1_000
const movesDefault = 100
const pageRows = 1_000
/** The books go back to their beginning: a page is found by its place in them. */
const daysMax = 36_600
/** What 0.10 USD buy. */
const creditsPriced = 1_000_000n

const number = z.string().regex(/^\d{1,19}$/, 'a whole number as decimal digits')
// The books have a word for each.
const verb = z.enum(Object.keys(legs) as [Verb, ...Verb[]])
const statement = z
  .object({
    assets: z.array(
      z.object({
        asset,
        tokens: amount.openapi({ description: 'Unused, in base units; with what was asked out.' }),
        credits: amount.openapi({ description: 'What they are good for.' }),
        leased: amount.openapi({ description: 'Of these credits, what gateways hold.' }),
        held: amount.openapi({ description: 'Of these tokens, what was asked out.' }),
        accrued: amount.openapi({ description: 'Used, and not taken out on chain yet.' }),
        spent: amount.openapi({ description: 'Used and taken out on chain, in this life.' }),
        life: number.openapi({ description: 'How often a withdrawal has emptied it.' }),
        tokensPerMillionCredits: amount.nullable().openapi({
          description:
            'What 1,000,000 credits cost on average now, in base units, rounded up; null without any.',
        }),
        period: z.object({ number, used: amount }).openapi({
          description: 'The charge period in which requests were posted last, and what they used.',
        }),
      }),
    ),
    uncollected: amount.openapi({
      description: 'Credits that were used when nothing was left; nobody asks for them.',
    }),
  })
  .openapi('Billing')
const move = z
  .object({
    id: number,
    at: z.string(),
    verb,
    asset,
    tokens: amount,
    credits: amount,
    cause: z.string(),
  })
  .openapi('Move')
const filterShape = {
  from: hourTime.optional(),
  to: hourTime.optional(),
  verb: verb.optional(),
}
const historyQuery = z.strictObject({
  ...filterShape,
  cursor: number.optional().openapi({ description: '`next` of the page before.', example: '1000' }),
  limit: z.coerce.number().int().min(1).max(movesMax).default(movesDefault),
})
const exportQuery = z.strictObject({ ...filterShape, format: z.enum(exportFormats).default('csv') })
const tags = ['billing']

export type BillingRouteParts = { database: Database; clock: Clock; events: Events }

export function addBillingRoutes(app: App, guards: Guards, parts: BillingRouteParts): void {
  addStatement(app, guards, parts.database)
  addHistory(app, guards, parts)
  addExport(app, guards, parts)
}

function addStatement(app: App, { accountRoute }: Guards, database: Database): void {
  const route = accountRoute('billing:read', {
    method: 'get',
    path: '/v1/billing',
    operationId: 'getBilling',
    summary: 'What the account has, by the books.',
    tags,
    responses: { 200: json('By asset, in the order in which they are used up.', statement) },
  })
  app.openapi(route, async (context) => {
    const { assets, uncollected } = await readStatement(database.sql, context.get('caller').account)
    const body = { assets: assets.map(assetView), uncollected: amountText(uncollected) }
    return context.json(body, 200)
  })
}

function addHistory(
  app: App,
  { accountRoute }: Guards,
  { database, clock }: BillingRouteParts,
): void {
  const route = accountRoute('billing:read', {
    method: 'get',
    path: '/v1/billing/history',
    operationId: 'listMoves',
    summary: 'Every change of what the account has, and what caused it; charges by the hour.',
    tags,
    request: { query: historyQuery },
    responses: {
      200: json(
        'Newest first.',
        z.object({ moves: z.array(move), next: number.nullable() }).openapi('MovesPage'),
      ),
    },
  })
  app.openapi(route, async (context) => {
    const { cursor, limit, ...wanted } = context.req.valid('query')
    const filter = filterOf({ account: context.get('caller').account, ...wanted }, clock.wallMs())
    const before = cursor === undefined ? undefined : BigInt(cursor)
    const moves = await listMoves(database.sql, filter, { before, countMax: limit + 1 })
    const shown = moves.slice(0, limit)
    const last = moves.length > limit ? shown.at(-1) : undefined
    const next = last === undefined ? null : String(last.id)
    return context.json({ moves: shown.map(moveView), next }, 200)
  })
}

function addExport(app: App, { accountRoute }: Guards, parts: BillingRouteParts): void {
  const { database, clock, events } = parts
  const path = '/v1/billing/history/export'
  const route = accountRoute('billing:read', {
    method: 'get',
    path,
    operationId: 'exportMoves',
    summary: 'The history as a file.',
    tags,
    request: { query: exportQuery },
    responses: { 200: file('Newest first') },
  })
  app.openapi(route, (context) => {
    const { format, ...wanted } = context.req.valid('query')
    const filter = filterOf({ account: context.get('caller').account, ...wanted }, clock.wallMs())
    return fileAnswer({
      ...{ pages: movePages(database, filter), columns: moveColumns, format },
      name: 'mooring-billing',
      onError: (error) => events.broke(error, `GET ${path}`),
    })
  })
}

type Wanted = {
  account: string
  from?: string | undefined
  to?: string | undefined
  verb?: Verb | undefined
}

function filterOf({ account, verb, ...range }: Wanted, nowMs: number): MoveFilter {
  const hours = hoursOf(range, { nowMs, defaultDays: daysMax, daysMax })
  return { account, verb, fromMs: msOfHour(hours.fromHour), toMs: msOfHour(hours.toHour) }
}

async function* movePages(database: Database, filter: MoveFilter): AsyncGenerator<BookedMove[]> {
  let before: bigint | undefined
  do {
    const moves = await listMoves(database.sql, filter, { before, countMax: pageRows })
    if (moves.length > 0) yield moves
    before = moves.length < pageRows ? undefined : moves.at(-1)?.id
  } while (before !== undefined)
}

export const moveColumns: readonly ExportColumn<BookedMove>[] = [
  { name: 'at', textOf: ({ atMs }) => isoOf(atMs) },
  { name: 'id', textOf: ({ id }) => String(id) },
  { name: 'verb', textOf: ({ verb }) => verb },
  { name: 'asset', textOf: ({ asset }) => asset },
  { name: 'tokens', textOf: ({ tokens }) => amountText(tokens) },
  { name: 'credits', textOf: ({ credits }) => amountText(credits) },
  { name: 'cause', textOf: ({ cause }) => cause },
]

function assetView({ asset, life, period, periodUsed, ...amounts }: AssetStatement) {
  const { tokens, credits, leased, held, accrued, spent } = amounts
  // Rounded up: nobody is told less than it will cost.
  const cost = credits === 0n ? null : mulDivUp(tokens, creditsPriced, credits)
  return {
    asset,
    tokens: amountText(tokens),
    credits: amountText(credits),
    leased: amountText(leased),
    held: amountText(held),
    accrued: amountText(accrued),
    spent: amountText(spent),
    life: String(life),
    tokensPerMillionCredits: amountText(cost),
    period: { number: String(period), used: amountText(periodUsed) },
  }
}

function moveView({ id, atMs, verb, asset, tokens, credits, cause }: BookedMove) {
  return {
    ...{ id: String(id), at: isoOf(atMs), verb, asset, cause },
    tokens: amountText(tokens),
    credits: amountText(credits),
  }
}
