import type { Locate } from '@mooring/http-client/connection'
import { isPortForNodes } from '@mooring/outbound/ports'
import { findTarget, type Resolve, type TargetRules } from '@mooring/outbound/target'
import type { MarketSettings } from '../config-market.ts'

/** Where what providers name may be: their nodes and documents. */
export function rulesOf(
  { allowPrivateAddresses }: Pick<MarketSettings, 'allowPrivateAddresses'>,
  resolve?: Resolve | undefined,
): TargetRules {
  const besides = allowPrivateAddresses ? 'local' : 'nothing'
  return { besides, mayUsePort: isPortForNodes, resolve }
}

/** For connections to a node: each is to an address that was just checked. */
export function locateBy(url: string, rules: TargetRules): Locate {
  return async () => {
    const found = await findTarget(url, rules)
    return found.ok ? { ok: true, address: found.target.address } : found
  }
}
