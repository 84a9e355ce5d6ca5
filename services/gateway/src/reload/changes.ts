import type { GatewayConfig } from '../config.ts'

/** One difference between two configurations. Says where, never what: values may be secrets. */
export type Change = {
  what: string
  change: 'added' | 'removed' | 'changed'
  /** The running process cannot take it over. */
  needsRestart: boolean
}

/** Settings the process has built upon since its start. */
const fixed: ReadonlySet<string> = new Set([
  'listen',
  'admin',
  'logLevel',
  'shutdownMs',
  'cacheBytesMax',
  'access',
  'meter',
  'market',
  'identity',
])

/** What differs, setting by setting; keys and upstreams one by one. */
export function changesOf(before: GatewayConfig, after: GatewayConfig): Change[] {
  const old = partsOf(before)
  const now = partsOf(after)
  const names = [...new Set([...old.keys(), ...now.keys()])]
  return names.flatMap((what): Change[] => {
    const needsRestart = fixed.has(what)
    if (!old.has(what)) return [{ what, change: 'added', needsRestart }]
    if (!now.has(what)) return [{ what, change: 'removed', needsRestart }]
    return old.get(what) === now.get(what) ? [] : [{ what, change: 'changed', needsRestart }]
  })
}

/** A configuration as named parts that are compared whole. */
function partsOf({
  keys,
  chains,
  tiers,
  access,
  meter,
  prices,
  market,
  deployment,
  ...rest
}: GatewayConfig): Map<string, string> {
  const parts = new Map<string, unknown>(Object.entries(rest))
  if (access !== undefined) {
    const { operators, agreements, ...fixedAccess } = access
    parts.set('access', fixedAccess)
    parts.set('access.agreements', { operators, agreements })
  }
  if (meter !== undefined) {
    const { prices: _file, ...fixedMeter } = meter
    parts.set('meter', fixedMeter)
    // What the file holds counts, not where it is.
    if (prices !== undefined) parts.set('meter.prices', prices)
  }
  if (market !== undefined) parts.set('market', { ...market, deployment })
  for (const [tier, limits] of Object.entries(tiers)) parts.set(`tiers.${tier}`, limits)
  for (const key of keys) parts.set(`keys.${key.name}`, key)
  for (const { definition, pollIntervalMs, upstreams } of chains) {
    const chain = `chains.${definition.name}`
    parts.set(chain, { definition, pollIntervalMs })
    for (const upstream of upstreams) {
      parts.set(`${chain}.${upstream.provider}/${upstream.name}`, upstream)
    }
  }
  return new Map([...parts].map(([name, value]) => [name, JSON.stringify(value)]))
}
