import type { Database } from '@mooring/store/database'
import type { Clock } from '@mooring/telemetry/clock'
import type { AccountsConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { createLimit, perMinute } from '../limiter.ts'
import { createWalletNode } from '../signin/node.ts'
import { createSignatureCheck } from '../signin/signature.ts'
import { createSignIn, type SignIn } from '../signin/signin.ts'
import type { KeySet } from '../tokens/key-set.ts'
import { createApp } from './app.ts'
import { addDocument } from './document.ts'
import { type App, createGuards } from './route.ts'
import { addAccountRoutes } from './routes/account.ts'
import { addAlertRoutes } from './routes/alerts.ts'
import { addAuthRoutes } from './routes/auth.ts'
import { addBillingRoutes } from './routes/billing.ts'
import { addDepositRoutes } from './routes/deposits.ts'
import { addKeyAlertRoutes } from './routes/key-alerts.ts'
import { addKeyRoutes } from './routes/keys.ts'
import { addProjectRoutes } from './routes/projects.ts'
import { addTeamRoutes } from './routes/team.ts'
import { addTokenRoutes } from './routes/tokens.ts'
import { addUsageRoutes } from './routes/usage.ts'

export type PublicParts = {
  config: AccountsConfig
  database: Database
  clock: Clock
  events: Events
  /** This service's own origin. */
  origin: () => string
  /** Who issues tokens and with which keys; undefined where no deployment is configured. */
  issuer: string | undefined
  keys: KeySet | undefined
}

/** The API for people and their programs: all its routes, and the description of them. */
export function createPublicApp(parts: PublicParts): App {
  const { config, database, clock, events, origin } = parts
  const { origins, chainId, sessionIdleMs: idleMs } = config.signIn
  const app = createApp({
    events,
    origins,
    trustedProxyHops: config.trustedProxyHops,
    limit: createLimit('requests', perMinute(config.requestsPerMinuteMax), clock),
  })
  const cookie = cookieOf(config)
  const guards = createGuards({ database, clock, idleMs, cookieName: cookie.name })
  const signIn = signInOf(parts)
  addAuthRoutes(app, guards, { database, clock, signIn, chainId, idleMs, cookie, origin })
  addAccountRoutes(app, guards, database)
  addProjectRoutes(app, guards, { database, clock })
  addKeyRoutes(app, guards, {
    ...{ database, clock },
    limit: createLimit('changes of keys', perMinute(config.keyChangesPerMinuteMax), clock),
  })
  addTeamRoutes(app, guards, { database, clock, chainId })
  addDepositRoutes(app, guards, {
    ...{ database, clock, chainId },
    limit: createLimit('deposits', perMinute(config.depositsPerMinuteMax), clock),
  })
  addTokenRoutes(app, guards, { database, clock, chainId, issuer: parts.issuer, keys: parts.keys })
  addUsageRoutes(app, guards, { database, clock, events })
  addBillingRoutes(app, guards, { database, clock, events })
  if (config.alerts) {
    const limit = createLimit('alerts', perMinute(config.alerts.alertsPerMinuteMax), clock)
    const alertParts = { database, clock, config: config.alerts, limit }
    addAlertRoutes(app, guards, alertParts)
    addKeyAlertRoutes(app, guards, alertParts)
  }
  addDocument(app, { cookieName: cookie.name, origin })
  return app
}

function signInOf({ config, database, clock, events, origin }: PublicParts): SignIn {
  const { signIn } = config
  const checkSignature = createSignatureCheck({
    node: createWalletNode({
      rpcUrl: signIn.rpcUrl,
      chainId: signIn.chainId,
      timeoutMs: signIn.contractCheckTimeoutMs,
      gasMax: signIn.contractCheckGasMax,
    }),
    limit: createLimit(
      'checks of contract wallets',
      perMinute(signIn.contractChecksPerMinuteMax),
      clock,
    ),
    timeoutMs: signIn.contractCheckTimeoutMs,
    clock,
  })
  return createSignIn({
    ...{ database, clock, events, checkSignature },
    config: signIn,
    origins: () => [origin(), ...signIn.origins],
    limitNetwork: createLimit('sign-ins', perMinute(signIn.attemptsPerMinuteMax), clock),
    limitAccount: createLimit('sign-ins', perMinute(signIn.signInsPerMinuteMax), clock),
  })
}

/** With the prefix a browser takes the cookie from this very host alone, and only over TLS. */
function cookieOf({ signIn: { publicUrl } }: AccountsConfig) {
  const secure = publicUrl?.startsWith('https:') ?? false
  return { name: secure ? '__Host-mooring_session' : 'mooring_session', secure }
}
