import type { GatewayConfig } from '../config.ts'

const hidden = '***'

/** The configuration in force, without what must not be read: keys, headers, all of a URL but its host. */
export function redactedConfig(config: GatewayConfig): unknown {
  return {
    ...config,
    keys: config.keys.map((key) => ({ ...key, key: hidden })),
    chains: config.chains.map(({ definition, pollIntervalMs, upstreams }) => ({
      definition,
      pollIntervalMs,
      upstreams: upstreams.map(({ url, headers, ...rest }) => ({
        ...rest,
        url: `${new URL(url).origin}/${hidden}`,
        headers: Object.fromEntries(Object.keys(headers).map((name) => [name, hidden])),
      })),
    })),
  }
}
