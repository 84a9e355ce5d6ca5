import type { App } from './route.ts'

/** The description of the API, out of the schemas that check it. */
export function addDocument(
  app: App,
  { cookieName, origin }: { cookieName: string; origin: () => string },
) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a session, from `POST /v1/auth/siwe`.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: cookieName,
    description: 'The same, for pages; changes need the header `Mooring-CSRF` too.',
  })
  let document: object | undefined
  // The same for everybody and for as long as the service runs, which knows its origin once it listens.
  app.get('/v1/openapi.json', (context) => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Mooring accounts',
        version: '1',
        description:
          'Sign-in, projects and keys, teams, deposits, usage, billing and alerts. Times are seconds since 1970, those of usage and billing ISO 8601 in UTC. Amounts are decimal strings: tokens in base units, credits, counts of requests.',
        license: { name: 'Apache-2.0' },
      },
      servers: [{ url: origin() }],
    })
    return context.json(document)
  })
}
