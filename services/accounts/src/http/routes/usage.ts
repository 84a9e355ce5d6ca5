import { z } from '@hono/zod-openapi'
import type { Database } from '@mooring/store/database'
import {
  type KeyNames,
  listUsage,
  nameKeys,
  sumUsage,
  type UsageFilter,
  type UsageGroup,
  type UsageGrouping,
  type UsagePlace,
  type UsageRow,
  usageGroupings,
} from '@mooring/store/ledger/usage-report'
import { loadProject } from '@mooring/store/projects'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../../events.ts'
import { type ExportColumn, exportFormats } from '../../exports/export.ts'
import { notFound, Refusal } from '../../refusal.ts'
import { file, fileAnswer } from '../file-answer.ts'
import { dayView, hoursOf, hourTime, hourView } from '../hours.ts'
import { type App, type Guards, json } from '../route.ts'
import { amount, amountText, id } from '../schemas.ts'

const daysMax = 366
/** Each is a row for itself. */
const daysByHourMax = 31
const defaultDays = 30
const groupsMax = 1_000
const groupsDefault = 500
const pageRows = 1_000
/** What is used without a key of a project. */
const ownKey = 'own'

const cursor = z.string().max(512).openapi({ description: '`next` of the page before.' })
const filterShape = {
  from: hourTime.optional(),
  to: hourTime.optional(),
  chain: z.string().min(1).max(64).optional(),
  key: id
    .or(z.literal(ownKey))
    .optional()
    .openapi({
      description: `The id of a key, or \`${ownKey}\` for the account's own access key and tokens.`,
    }),
  project: id.optional().openapi({ description: 'Keys that it has now.' }),
}
const sumQuery = z.strictObject({
  ...filterShape,
  by: z.enum(usageGroupings).default('day'),
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(groupsMax).default(groupsDefault),
})
const exportQuery = z.strictObject({
  ...filterShape,
  format: z.enum(exportFormats).default('csv'),
})
const named = z.object({ id, name: z.string() })
const sum = { requests: amount, credits: amount }
const report = z
  .object({
    from: z.string(),
    to: z.string().openapi({ description: 'Not part of the range.' }),
    by: z.enum(usageGroupings),
    total: z.object(sum).openapi({ description: 'Of all groups, also those of other pages.' }),
    groups: z.array(
      z.object({
        group: z.string().openapi({
          description: `A time, a name, the id of a key, or \`${ownKey}\`.`,
        }),
        name: z.string().nullable().openapi({ description: 'Of a key that is still there.' }),
        project: named.nullable(),
        ...sum,
      }),
    ),
    next: z.string().nullable().openapi({ description: 'The cursor of the next page.' }),
  })
  .openapi('UsageReport')
const tags = ['usage']

export type UsageRouteParts = { database: Database; clock: Clock; events: Events }

export function addUsageRoutes(app: App, guards: Guards, parts: UsageRouteParts): void {
  addSums(app, guards, parts)
  addExport(app, guards, parts)
}

function addSums(app: App, { accountRoute }: Guards, { database, clock }: UsageRouteParts): void {
  const route = accountRoute('usage:read', {
    method: 'get',
    path: '/v1/usage',
    operationId: 'sumUsage',
    summary: 'What the account has used, by hour, day, chain, method, key or status.',
    tags,
    request: { query: sumQuery },
    responses: { 200: json('Sums, in the order of the groups.', report) },
  })
  app.openapi(route, async (context) => {
    const { account } = context.get('caller')
    const { by, limit, cursor, ...wanted } = context.req.valid('query')
    const limits = { nowMs: clock.wallMs(), daysMax: by === 'hour' ? daysByHourMax : daysMax }
    const filter = await filterOf(database, { account, ...wanted }, limits)
    const after = cursor === undefined ? undefined : groupIn(cursor)
    // One more tells whether there is a next page.
    const { total, groups } = await sumUsage(database.sql, filter, {
      ...{ by, after, countMax: limit + 1 },
    })
    const shown = groups.slice(0, limit)
    const ids = by === 'key' ? shown.map(({ group }) => group) : []
    const names = await nameKeys(database.sql, account, ids)
    const last = groups.length > limit ? shown.at(-1) : undefined
    const body = {
      ...{ from: hourView(filter.fromHour), to: hourView(filter.toHour), by },
      total: sumView(total),
      groups: shown.map((one) => groupView(one, by, names.get(one.group))),
      next: last === undefined ? null : cursorOf(last.group),
    }
    return context.json(body, 200)
  })
}

function addExport(app: App, { accountRoute }: Guards, parts: UsageRouteParts): void {
  const { database, clock, events } = parts
  const path = '/v1/usage/export'
  const route = accountRoute('usage:read', {
    method: 'get',
    path,
    operationId: 'exportUsage',
    summary: 'The same as it is counted: by hour, key, chain, method and status.',
    tags,
    request: { query: exportQuery },
    responses: { 200: file('Rows in order') },
  })
  app.openapi(route, async (context) => {
    const { account } = context.get('caller')
    const { format, ...wanted } = context.req.valid('query')
    const limits = { nowMs: clock.wallMs(), daysMax }
    const filter = await filterOf(database, { account, ...wanted }, limits)
    const days = `${hourView(filter.fromHour)}-${hourView(filter.toHour)}`.replaceAll(/[-:]/g, '')
    return fileAnswer({
      ...{ pages: usagePages(database, filter), columns: usageColumns, format },
      name: `mooring-usage-${days}`,
      onError: (error) => events.broke(error, `GET ${path}`),
    })
  })
}

type Wanted = {
  account: string
  from?: string | undefined
  to?: string | undefined
  chain?: string | undefined
  key?: string | undefined
  project?: string | undefined
}

async function filterOf(
  database: Database,
  { account, from, to, chain, key, project }: Wanted,
  limits: { nowMs: number; daysMax: number },
): Promise<UsageFilter> {
  const hours = hoursOf({ from, to }, { ...limits, defaultDays })
  if (project !== undefined && !(await loadProject(database.sql, account, project))) {
    throw notFound('project')
  }
  return { account, ...hours, chain, key: key === ownKey ? '' : key, project }
}

async function* usagePages(database: Database, filter: UsageFilter): AsyncGenerator<UsageRow[]> {
  let after: UsagePlace | undefined
  do {
    const rows = await listUsage(database.sql, filter, { after, countMax: pageRows })
    if (rows.length > 0) yield rows
    after = rows.length < pageRows ? undefined : rows.at(-1)
  } while (after !== undefined)
}

export const usageColumns: readonly ExportColumn<UsageRow>[] = [
  { name: 'hour', textOf: ({ hour }) => hourView(hour) },
  { name: 'projectId', textOf: ({ names }) => names?.projectId ?? null },
  { name: 'project', textOf: ({ names }) => names?.projectName ?? null },
  { name: 'keyId', textOf: ({ key }) => key || ownKey },
  { name: 'key', textOf: ({ names }) => names?.name ?? null },
  { name: 'chain', textOf: ({ chain }) => chain },
  { name: 'method', textOf: ({ method }) => method },
  { name: 'status', textOf: ({ status }) => status },
  { name: 'requests', textOf: ({ requests }) => amountText(requests) },
  { name: 'credits', textOf: ({ credits }) => amountText(credits) },
]

function groupView({ group, ...sum }: UsageGroup, by: UsageGrouping, names: KeyNames | undefined) {
  return {
    group: groupText(group, by),
    name: names?.name ?? null,
    project: names === undefined ? null : { id: names.projectId, name: names.projectName },
    ...sumView(sum),
  }
}

function groupText(group: string, by: UsageGrouping): string {
  if (by === 'hour') return hourView(Number(group))
  if (by === 'day') return dayView(Number(group))
  return by === 'key' ? group || ownKey : group
}

function sumView({ requests, credits }: { requests: bigint; credits: bigint }) {
  return { requests: amountText(requests), credits: amountText(credits) }
}

/** Says nothing to anybody else: what a group is, is told beside it. */
function cursorOf(group: string): string {
  return Buffer.from(`:${group}`).toString('base64url')
}

function groupIn(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (text.startsWith(':') && cursorOf(text.slice(1)) === cursor) return text.slice(1)
  throw new Refusal('MALFORMED', 'cursor: it is none of an earlier answer')
}
