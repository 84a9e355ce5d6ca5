import type { AccessSettings, GatewayConfig } from '../config.ts'

const hidden = '***'

/** The configuration in force, without what must not be read: keys, headers, all of a URL but its host. */
export function redactedConfig(config: GatewayConfig): unknown {
  return {
    ...config,
    access: config.access && redactedAccess(config.access),
    meter: config.meter && {
      ...config.meter,
      billing: { url: redactedUrl(config.meter.billing.url), credential: hidden },
      copies: config.meter.copies.map(({ url }) => ({ url: redactedUrl(url), credential: hidden })),
    },
    market: config.market && {
      ...config.market,
      rpcUrls: config.market.rpcUrls.map(redactedUrl),
    },
    identity: config.identity && {
      ...config.identity,
      password: hidden,
      rpc: redactedUrl(config.identity.rpc),
    },
    prices: config.prices && { version: config.prices.version },
    keys: config.keys.map((key) => ({ ...key, key: hidden })),
    chains: config.chains.map(({ definition, pollIntervalMs, upstreams }) => ({
      definition,
      pollIntervalMs,
      upstreams: upstreams.map(({ url, headers, ...rest }) => ({
        ...rest,
        url: redactedUrl(url),
        headers: Object.fromEntries(Object.keys(headers).map((name) => [name, hidden])),
      })),
    })),
  }
}

function redactedAccess({ verifiers, accounts, ...rest }: AccessSettings): unknown {
  return {
    ...rest,
    verifiers: verifiers.map(({ url, address }) => ({ url: redactedUrl(url), address })),
    accounts: accounts && { url: redactedUrl(accounts.url), credential: hidden },
  }
}

function redactedUrl(url: string): string {
  return `${new URL(url).origin}/${hidden}`
}
