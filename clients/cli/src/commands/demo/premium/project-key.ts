import { assertPremium, endpointFor, untilStatus } from './ask-gateway.ts'
import type { Stage } from './stage.ts'

/** The life of a project key. Each returns what was shown. */

export async function register(stage: Stage): Promise<string> {
  await stage.mooring(['keys', 'new', 'app'])
  await stage.mooring(['keys', 'register', 'app', '--project', 'demo'])
  const asking = { url: await endpointFor(stage, 'app') }
  await untilStatus(stage, asking, { isServed: true, what: 'a registered key' })
  await assertPremium(stage, asking)
  return 'served; the accounts service knows nothing but its hash'
}

export async function freeze(stage: Stage): Promise<string> {
  const asking = { url: await endpointFor(stage, 'app') }
  await stage.mooring(['keys', 'freeze', 'app'])
  const status = await untilStatus(stage, asking, { isServed: false, what: 'a frozen key' })
  return `refused with HTTP ${status}`
}

export async function unfreeze(stage: Stage): Promise<string> {
  const asking = { url: await endpointFor(stage, 'app') }
  await stage.mooring(['keys', 'unfreeze', 'app'])
  await untilStatus(stage, asking, { isServed: true, what: 'a thawed key' })
  return 'served again'
}

export async function rotate(stage: Stage): Promise<string> {
  await stage.mooring(['keys', 'rotate', 'app', '--overlap', '600'])
  const after = { url: await endpointFor(stage, 'app') }
  const before = { url: await endpointFor(stage, 'app', '--previous') }
  await untilStatus(stage, after, { isServed: true, what: 'a rotated key' })
  await untilStatus(stage, before, { isServed: true, what: 'the key before it was rotated' })
  return 'the new key is served, and the old one during the overlap'
}

export async function revoke(stage: Stage): Promise<string> {
  const after = { url: await endpointFor(stage, 'app') }
  const before = { url: await endpointFor(stage, 'app', '--previous') }
  await stage.mooring(['keys', 'revoke', 'app'])
  const status = await untilStatus(stage, after, { isServed: false, what: 'a revoked key' })
  await untilStatus(stage, before, { isServed: false, what: 'what a revoked key was before' })
  return `refused with HTTP ${status}, and what it was before as well`
}
