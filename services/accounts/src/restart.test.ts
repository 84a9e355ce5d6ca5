import { expect, test } from 'bun:test'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessChanges } from '@mooring/protocol/access/key-record'
import { startPostgres } from '@mooring/store/embedded/postgres'
import {
  ask,
  gatewayCredential,
  nameOf,
  signInAs,
  startForTest,
  wallet,
} from './accounts.fixtures.ts'

test('a service goes on when its database comes back, and gateways miss nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-restart-'))
  // Its user, where that is another one, has to get there.
  await chmod(folder, 0o711)
  const first = await startPostgres({ folder: join(folder, 'data') })
  const accounts = await startForTest(first.url)
  try {
    const token = await signInAs(accounts.url, wallet(1))
    const changes = async (query: string) =>
      (
        await ask<AccessChanges>(accounts.gatewayUrl, 'GET', `/v1/gateway/changes${query}`, {
          token: gatewayCredential,
        })
      ).body
    const { cursor } = await changes('')
    await first.stop()
    const away = await ask<{ code: string }>(accounts.url, 'GET', '/v1/account', { token })
    expect([away.status, away.body.code]).toEqual([500, 'INTERNAL'])
    await using _second = await startPostgres({ folder: join(folder, 'data'), port: first.port })
    const read = () => ask(accounts.url, 'GET', '/v1/account', { token })
    const endMs = performance.now() + 10_000
    while ((await read()).status !== 200 && performance.now() < endMs) await Bun.sleep(50)
    const waiting = changes(`?after=${cursor}&waitMs=20000`)
    const body = { isFrozen: true }
    expect((await ask(accounts.url, 'PATCH', '/v1/account', { token, body })).status).toBe(200)
    expect((await waiting).changes).toEqual([{ kind: 'account', account: nameOf(wallet(1)) }])
    await accounts.stop('test')
  } finally {
    await rm(folder, { recursive: true })
  }
}, 40_000)
