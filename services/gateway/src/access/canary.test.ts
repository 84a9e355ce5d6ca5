import { expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '@mooring/testkit/gateway'
import { healthy, startScriptedUpstream } from '@mooring/testkit/scripted-upstream'
import { testChain, testChainId } from '../gateway.fixtures.ts'
import { serveLedger, testBillingCredential } from '../meter/test/ledger.fixtures.ts'
import {
  createAccessKey,
  createToken,
  startDeployment,
  testAccount,
  testCredential,
} from './test/deployment.fixtures.ts'

test('no key, token or credential is in any log line, metric, trace, report or error', async () => {
  await using deployment = await startDeployment()
  await using upstream = startScriptedUpstream(
    healthy({ chainId: testChainId, head: () => 7, rest: () => ({ error: failed }) }),
  )
  const { key, token } = deployment.issue()
  const { key: projectKey } = deployment.addProjectKey()
  const unknown = createAccessKey().key
  const bearer = createToken(deployment.group)
  const proof = `${'p'.repeat(40)}.${'q'.repeat(40)}.${'r'.repeat(40)}`
  const configured = 'configured-canary-key-0123456789'
  await using billing = serveLedger()
  billing.ledger.fund(testAccount, 10_000_000)
  const secrets = [
    ...[key, token, projectKey, unknown, bearer, proof, configured],
    ...[testCredential, testBillingCredential],
  ]
  const folder = await mkdtemp(join(tmpdir(), 'mooring-canary-'))
  await using gateway = await startGateway({
    config: {
      logLevel: 'debug',
      access: { ...deployment.settings, publicUrl: 'https://rpc.example' },
      meter: { ...billing.settings, directory: folder },
      keys: [{ name: 'configured', key: configured, tier: 'community' }],
      tiers: { community: { burstRequests: 20 } },
      chains: {
        [testChain]: { upstreams: [{ provider: 'alpha', name: 'one', url: upstream.url }] },
      },
    },
  })
  const seen: string[] = []
  const send = async (
    path: string,
    headers: Record<string, string> = {},
    method = 'eth_gasPrice',
  ) => {
    const init = { method: 'POST', headers: { 'x-mooring-trace': '1', ...headers } }
    const body = JSON.stringify({ id: 1, method, params: [] })
    const response = await fetch(gateway.url + path, { ...init, body })
    seen.push(JSON.stringify([...response.headers]), await response.text())
    return response.status
  }
  const everywhere = async () => {
    for (const secret of [key, projectKey, unknown, configured]) {
      for (const method of ['eth_gasPrice', 'admin_peers', 'debug_traceCall', '']) {
        await send(`/${testChain}/${secret}`, {}, method)
      }
      await send(`/no_such_chain/${secret}`)
      await send(`/${testChain}/${secret}/more`)
      await send(`/${testChain}`, { 'x-api-key': secret })
    }
    for (const text of [token, bearer, `${bearer}x`]) {
      await send(`/${testChain}`, { authorization: `Bearer ${text}` })
      await send(`/${testChain}`, { authorization: `DPoP ${text}`, dpop: proof })
      await send(`/${testChain}/${text}`)
    }
  }
  expect(await send(`/${testChain}/${key}`)).toBe(200)
  await everywhere()
  for (const verifier of deployment.verifiers) verifier.isAway = true
  deployment.accounts.isAway = true
  await everywhere()
  for (const path of ['/metrics', '/v1/traces', '/v1/config', '/v1/upstreams', '/v1/meter']) {
    seen.push(await (await fetch(gateway.adminUrl + path)).text())
  }
  seen.push(
    gateway.output(),
    JSON.stringify(upstream.requests),
    JSON.stringify(billing.ledger.posts),
  )
  for (const name of await readdir(folder)) seen.push(await Bun.file(join(folder, name)).text())
  await rm(folder, { recursive: true })
  const all = seen.join('\n')
  // What is looked through is what was meant to be.
  for (const word of [
    'request answered',
    'UNAUTHENTICATED',
    'key_look_ups_total',
    'my-project',
    'ownPurse',
  ]) {
    expect(all).toContain(word)
  }
  for (const secret of secrets) {
    expect(all.includes(secret)).toBe(false)
    // Nor a part of it, such as a signature alone.
    expect(all.includes(secret.slice(-24))).toBe(false)
  }
}, 30_000)

const failed = { code: -32_000, message: 'something went wrong' }
