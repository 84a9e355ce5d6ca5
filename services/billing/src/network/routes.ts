import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { NetworkProvider, NetworkProviders } from '@mooring/protocol/reports/network'
import type { Hono } from 'hono'
import { cors } from 'hono/cors'
import { Refusal } from '../refusal.ts'
import type { NetworkState } from './network-state.ts'
import { pageAnswer } from './page/page.ts'
import {
  demandSchema,
  epochsSchema,
  idParams,
  listQuery,
  providerSchema,
  providersSchema,
} from './schema.ts'
import { isAfter, type NetworkView, type Place, placeOf } from './view.ts'

/** As long as a look at the chain is worth something. */
const freshSeconds = 5

/**
 * What everybody may read of the network, from any page: nothing here tells of an account, and no request waits for the
 * chain or the database.
 */
export function serveNetwork(app: Hono, network: Pick<NetworkState, 'view'>): void {
  const api = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return
      const words = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
      throw new Refusal(400, words.join('; '))
    },
  })
  api.use('*', cors({ origin: '*', allowMethods: ['GET'] }))
  api.use('*', async (context, next) => {
    await next()
    context.header('cache-control', `public, max-age=${freshSeconds}`)
    context.header('x-content-type-options', 'nosniff')
  })
  const view = (): NetworkView => {
    const known = network.view
    if (known !== undefined) return known
    throw new Refusal(503, 'the chain has not been read yet: try again in a few seconds')
  }
  api.openapi(routes.providers, (context) =>
    context.json(pageOf(view(), context.req.valid('query')), 200),
  )
  api.openapi(routes.provider, (context) => {
    const { id } = context.req.valid('param')
    const found = view().providers.find((provider) => provider.id === id)
    if (found === undefined) throw new Refusal(404, `there is no provider ${id}`)
    return context.json(found, 200)
  })
  api.openapi(routes.epochs, (context) => context.json(view().epochs, 200))
  api.openapi(routes.demand, (context) => context.json(view().demand, 200))
  let document: object | undefined
  api.get('/openapi.json', (context) => {
    document ??= api.getOpenAPI31Document(description)
    return context.json(document)
  })
  app.route('/v1/network', api)
  app.get('/', () => pageAnswer())
  app.get('/network', () => pageAnswer())
}

/** By the place of the last one and not by a count, so that a stake that changes meanwhile repeats nobody else. */
function pageOf(
  { at, total, providers }: NetworkView,
  { limit, cursor }: z.output<typeof listQuery>,
): NetworkProviders {
  const after = cursor === undefined ? undefined : parseCursor(cursor)
  const rest = providers.filter(
    (provider) => after === undefined || isAfter(placeOf(provider), after),
  )
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const next = rest.length > limit && last !== undefined ? `${last.stake}-${last.id}` : null
  const known = providers.length
  const told = page.map(
    ({ at: _at, owner: _owner, rewardsTo: _to, nodeList: _nodes, epochs: _epochs, ...row }) =>
      row satisfies NetworkProvider,
  )
  return { at, total, known, providers: told, next }
}

function parseCursor(cursor: string): Place {
  const [stake = '0', id = '0'] = cursor.split('-')
  return { stake: BigInt(stake), id: BigInt(id) }
}

const problem = z.object({ error: z.string() }).openapi('Problem')
const problemResponse = {
  description: 'What was refused, and why.',
  content: { 'application/json': { schema: problem } },
}

function answers<S extends z.ZodType>(summary: string, schema: S) {
  const content = { 'application/json': { schema } } as const
  return { 200: { description: summary, content }, default: problemResponse } as const
}

const routes = {
  providers: createRoute({
    ...{ method: 'get', path: '/providers', operationId: 'listProviders' },
    request: { query: listQuery },
    responses: answers('Providers, by their stake.', providersSchema),
  }),
  provider: createRoute({
    ...{ method: 'get', path: '/providers/{id}', operationId: 'getProvider' },
    request: { params: idParams },
    responses: answers('A provider: nodes, and what its epochs came to.', providerSchema),
  }),
  epochs: createRoute({
    ...{ method: 'get', path: '/epochs', operationId: 'listEpochs' },
    responses: answers('Closed epochs, newest first.', epochsSchema),
  }),
  demand: createRoute({
    ...{ method: 'get', path: '/demand', operationId: 'getDemand' },
    responses: answers('Where demand waits for nodes, most wanted first.', demandSchema),
  }),
}

const description = {
  openapi: '3.1.0',
  info: {
    title: 'Mooring network',
    version: '1',
    description:
      'Providers, closed epochs and demand of a network, for everybody. Ids, epochs, amounts and credits are decimal strings: tokens in base units of ANKR. Times are seconds since 1970, by the clock of the chain.',
    license: { name: 'Apache-2.0' },
  },
  servers: [{ url: '/v1/network' }],
}
