import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startPostgres } from '@mooring/testkit/postgres'
import { ask, nameOf, newKeyHash, signInAs, startForTest, wallet } from './accounts.fixtures.ts'
import type { Accounts } from './accounts.ts'

const postgres = await startPostgres()
let accounts: Accounts
beforeAll(async () => {
  accounts = await startForTest(postgres.url)
})
afterAll(async () => {
  await accounts.stop('test')
  await postgres.stop()
})

test('a wallet signs in, has an account, and registers a key', async () => {
  const token = await signInAs(accounts.url, wallet(1))
  const { status, body } = await ask(accounts.url, 'GET', '/v1/account', { token })
  expect(status).toBe(200)
  expect(body).toMatchObject({ account: nameOf(wallet(1)), status: 'active', role: 'owner' })
  const project = await ask(accounts.url, 'POST', '/v1/projects', { token, body: { name: 'site' } })
  expect(project.status).toBe(201)
  const path = `/v1/projects/${project.body.id}/keys`
  const keyHash = newKeyHash()
  const key = await ask(accounts.url, 'POST', path, { token, body: { keyHash, name: 'web' } })
  expect(key.body).toMatchObject({ status: 'active', hashes: [{ keyHash, endsAt: null }] })
})
