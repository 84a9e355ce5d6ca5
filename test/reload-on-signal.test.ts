import { expect, test } from 'bun:test'
import { startGateway } from '@mooring/testkit/gateway'
import { healthy, startScriptedUpstream } from '@mooring/testkit/scripted-upstream'

test('SIGHUP makes a running gateway take over its changed file, and SIGTERM ends it', async () => {
  await using upstream = startScriptedUpstream(
    healthy({ chainId: 31_337, head: () => 7, rest: () => ({ result: '0x1' }) }),
  )
  const upstreams = [{ provider: 'alpha', name: 'one', url: upstream.url }]
  await using gateway = await startGateway({ config: { chains: { local_one: { upstreams } } } })
  const ask = (key: string) =>
    fetch(`${gateway.url}/local_one/${key}`, {
      method: 'POST',
      body: '{"id":1,"method":"eth_chainId"}',
    })
  const key = 'brand-new-key-0123456789'
  expect((await ask(key)).status).toBe(401)

  const file = Bun.file(gateway.configFile)
  const text = await file.text()
  await file.write(`${text}\nkeys: [{ name: new, key: ${key}, tier: premium }]\n`)
  process.kill(gateway.pid, 'SIGHUP')
  const endMs = performance.now() + 10_000
  while ((await ask(key)).status !== 200) {
    if (performance.now() > endMs) throw new Error(`not reloaded: ${gateway.output()}`)
    await Bun.sleep(50)
  }

  await file.write('chains: [')
  process.kill(gateway.pid, 'SIGHUP')
  await Bun.sleep(200)
  expect((await ask(key)).status).toBe(200)
  expect(gateway.output()).toContain('configuration left as it was')
})
