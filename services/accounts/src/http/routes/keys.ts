import { z } from '@hono/zod-openapi'
import type { Database } from '@mooring/store/database'
import {
  changeKey,
  createKey,
  type Key,
  type KeySettings,
  keysOfProjectMax,
  listKeys,
  loadKey,
  rotateKey,
  setKeyStatus,
} from '@mooring/store/keys'
import { loadProject } from '@mooring/store/projects'
import type { Clock } from '@mooring/telemetry/clock'
import type { Limit } from '../../limiter.ts'
import { notFound, Refusal } from '../../refusal.ts'
import { orRefuse } from '../conflicts.ts'
import { type App, body, type Guards, json } from '../route.ts'
import {
  amount,
  amountText,
  digest,
  id,
  label,
  restrictions,
  seconds,
  secondsOf,
} from '../schemas.ts'

const overlapSecondsMax = 86_400

const key = z
  .object({
    id,
    projectId: id,
    name: label,
    status: z.enum(['active', 'frozen', 'revoked']),
    expiresAt: seconds.nullable(),
    restrictions,
    creditsPerDayMax: amount.nullable(),
    createdAt: seconds,
    hashes: z
      .array(z.object({ keyHash: digest, endsAt: seconds.nullable() }))
      .openapi({ description: 'The key as it is now, and as it was, until that ends.' }),
  })
  .openapi('Key')

const settings = {
  name: label.openapi({ description: 'What stands in logs and metrics in place of the key.' }),
  expiresAt: seconds.nullable(),
  restrictions,
  creditsPerDayMax: amount.nullable(),
}
const keyWish = z
  .strictObject({
    keyHash: digest,
    name: settings.name,
    expiresAt: settings.expiresAt.default(null),
    restrictions: restrictions.prefault({}),
    creditsPerDayMax: settings.creditsPerDayMax.default(null),
  })
  .openapi('KeyWish')
const keyChange = z
  .strictObject({
    name: settings.name.optional(),
    expiresAt: settings.expiresAt.optional(),
    restrictions: restrictions.optional(),
    creditsPerDayMax: settings.creditsPerDayMax.optional(),
  })
  .openapi('KeyChange')
const rotation = z
  .strictObject({
    keyHash: digest,
    overlapSeconds: z
      .int()
      .min(0)
      .max(overlapSecondsMax)
      .openapi({ description: 'For so long what the key was before works too.' }),
  })
  .openapi('KeyRotation')

const ofProject = z.object({ projectId: id })
const ofKey = z.object({ keyId: id })
const tags = ['keys']

export type KeyParts = {
  database: Database
  clock: Clock
  /** Of one account: all gateways are told of every change. */
  limit: Limit
}

/** Keys are made by those who use them: this service learns their hashes. */
export function addKeyRoutes(app: App, guards: Guards, parts: KeyParts): void {
  addKeysOfProject(app, guards, parts)
  addOneKey(app, guards, parts)
  addRotation(app, guards, parts)
  addStatuses(app, guards, parts)
}

function addKeysOfProject(app: App, { accountRoute }: Guards, parts: KeyParts): void {
  const { database, clock, limit } = parts
  const listRoute = accountRoute('projects:read', {
    method: 'get',
    path: '/v1/projects/{projectId}/keys',
    operationId: 'listKeys',
    summary: 'The keys of a project.',
    tags,
    request: { params: ofProject },
    responses: { 200: json('Oldest first.', z.object({ keys: z.array(key) })) },
  })
  app.openapi(listRoute, async (context) => {
    const { account } = context.get('caller')
    const { projectId } = context.req.valid('param')
    if ((await loadProject(database.sql, account, projectId)) === undefined) {
      throw notFound('project')
    }
    const found = await listKeys(database.sql, { account, projectId })
    return context.json({ keys: found.map(keyView) }, 200)
  })

  const createRoute = accountRoute('keys:write', {
    method: 'post',
    path: '/v1/projects/{projectId}/keys',
    operationId: 'createKey',
    summary: 'Registers a key by its hash.',
    tags,
    request: { params: ofProject, body: body(keyWish) },
    responses: { 201: json('The key.', key) },
  })
  app.openapi(createRoute, async (context) => {
    const { account } = context.get('caller')
    const { projectId } = context.req.valid('param')
    const { keyHash: hash, ...wish } = context.req.valid('json')
    limit(account)
    const wanted = { hash, settings: settingsOf(wish), nowMs: clock.wallMs() }
    const made = await orRefuse(createKey(database, { account, projectId }, wanted))
    if (made === undefined) {
      if ((await loadProject(database.sql, account, projectId)) === undefined) {
        throw notFound('project')
      }
      throw new Refusal('TOO_MANY', `a project has at most ${keysOfProjectMax} keys`)
    }
    return context.json(keyView(made), 201)
  })
}

function addOneKey(app: App, { accountRoute }: Guards, { database, limit }: KeyParts): void {
  const getRoute = accountRoute('projects:read', {
    method: 'get',
    path: '/v1/keys/{keyId}',
    operationId: 'getKey',
    summary: 'One key.',
    tags,
    request: { params: ofKey },
    responses: { 200: json('It.', key) },
  })
  app.openapi(getRoute, async (context) => {
    const { keyId } = context.req.valid('param')
    const found = await loadKey(database.sql, context.get('caller').account, keyId)
    if (found === undefined) throw notFound('key')
    return context.json(keyView(found), 200)
  })

  const changeRoute = accountRoute('keys:write', {
    method: 'patch',
    path: '/v1/keys/{keyId}',
    operationId: 'changeKey',
    summary: 'Changes what is named of a key.',
    tags,
    request: { params: ofKey, body: body(keyChange) },
    responses: { 200: json('The key as it is now.', key) },
  })
  app.openapi(changeRoute, async (context) => {
    const owner = { account: context.get('caller').account, id: context.req.valid('param').keyId }
    limit(owner.account)
    const changes = settingsOf(context.req.valid('json'))
    const changed = await orRefuse(changeKey(database.sql, owner, changes))
    return context.json(keyView(changed ?? (await whyNot(database, owner))), 200)
  })
}

function addRotation(app: App, { accountRoute }: Guards, parts: KeyParts): void {
  const { database, clock, limit } = parts
  const rotateRoute = accountRoute('keys:write', {
    method: 'post',
    path: '/v1/keys/{keyId}/rotate',
    operationId: 'rotateKey',
    summary: 'Replaces a key by another one.',
    tags,
    request: { params: ofKey, body: body(rotation) },
    responses: { 200: json('The key as it is now.', key) },
  })
  app.openapi(rotateRoute, async (context) => {
    const owner = { account: context.get('caller').account, id: context.req.valid('param').keyId }
    limit(owner.account)
    const { keyHash: hash, overlapSeconds } = context.req.valid('json')
    const wanted = { hash, nowMs: clock.wallMs(), overlapMs: overlapSeconds * 1_000 }
    const rotated = await orRefuse(rotateKey(database, owner, wanted))
    return context.json(keyView(rotated ?? (await whyNot(database, owner))), 200)
  })
}

/** Who has to be rid of a key is never told to wait; what stops again was let work before, which is limited. */
const statuses = [
  {
    verb: 'freeze',
    status: 'frozen',
    isLimited: false,
    summary: 'Stops a key until it is thawed.',
  },
  {
    verb: 'unfreeze',
    status: 'active',
    isLimited: true,
    summary: 'Lets a frozen key work again.',
  },
  { verb: 'revoke', status: 'revoked', isLimited: false, summary: 'Ends a key for good.' },
] as const

function addStatuses(app: App, { accountRoute }: Guards, { database, limit }: KeyParts): void {
  for (const { verb, status, isLimited, summary } of statuses) {
    const statusRoute = accountRoute('keys:write', {
      method: 'post',
      path: `/v1/keys/{keyId}/${verb}`,
      operationId: `${verb}Key`,
      summary,
      tags,
      request: { params: ofKey },
      responses: { 200: json('The key as it is now.', key) },
    })
    app.openapi(statusRoute, async (context) => {
      const owner = { account: context.get('caller').account, id: context.req.valid('param').keyId }
      if (isLimited) limit(owner.account)
      const changed = await setKeyStatus(database.sql, owner, status)
      return context.json(keyView(changed ?? (await whyNot(database, owner))), 200)
    })
  }
}

/** Tells a key that is revoked from one that is not there. */
async function whyNot(database: Database, owner: { account: string; id: string }): Promise<never> {
  const found = await loadKey(database.sql, owner.account, owner.id)
  throw found === undefined
    ? notFound('key')
    : new Refusal('KEY_REVOKED', 'the key was revoked, for good: make another one')
}

type Given = { [K in keyof z.output<typeof keyChange>]: z.output<typeof keyChange>[K] | undefined }

/** Only what is named. */
function settingsOf(
  given: z.output<typeof keyWish> | Omit<z.output<typeof keyWish>, 'keyHash'>,
): KeySettings
function settingsOf(given: Given): Partial<KeySettings>
function settingsOf({
  name,
  expiresAt,
  restrictions,
  creditsPerDayMax,
}: Given): Partial<KeySettings> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(restrictions === undefined ? {} : { restrictions }),
    ...(expiresAt === undefined
      ? {}
      : { expiresAtMs: expiresAt === null ? null : expiresAt * 1_000 }),
    ...(creditsPerDayMax === undefined
      ? {}
      : { creditsPerDayMax: creditsPerDayMax === null ? null : BigInt(creditsPerDayMax) }),
  }
}

function keyView(key: Key) {
  const { id, projectId, name, status, restrictions } = key
  return {
    ...{ id, projectId, name, status, restrictions },
    expiresAt: secondsOf(key.expiresAtMs),
    creditsPerDayMax: amountText(key.creditsPerDayMax),
    createdAt: secondsOf(key.createdAtMs),
    hashes: key.hashes.map(({ hash, endsAtMs }) => ({
      keyHash: hash,
      endsAt: secondsOf(endsAtMs),
    })),
  }
}
