import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import type { AxiosResponse } from 'axios'
import OpenAPIClientAxios from 'openapi-client-axios'
import { createSiweMessage } from 'viem/siwe'
import { movableClock, nameOf, newKeyHash, startForTest, wallet } from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'

/** The API as a client sees it that knows nothing of us but the description that the service serves. */

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const clock = movableClock()
let accounts: Accounts
beforeAll(async () => {
  postgres = await startPostgres()
  const alerts = { signingKey: 'a-signing-key-of-more-than-32-characters', allowLoopback: true }
  accounts = await startForTest(postgres.url, { clock, alerts })
})
afterAll(async () => {
  await accounts?.stop('test')
  await postgres?.stop()
})

type Call = (
  parameters?: Record<string, string> | null,
  body?: unknown,
  config?: object,
) => Promise<AxiosResponse>
type Client = Record<string, Call> & { defaults: { headers: Record<string, unknown> } }

async function generate(): Promise<Client> {
  // The description itself says what it is.
  const definition = (await (await fetch(`${accounts.url}/v1/openapi.json`)).json()) as never
  const api = new OpenAPIClientAxios({
    definition,
    axiosConfigDefaults: { validateStatus: () => true },
  })
  // The calls are named by the description, which no type knows.
  return (await api.init()) as unknown as Client
}

async function signIn(client: Client, number: number): Promise<void> {
  const { data: given } = await client.createNonce!()
  const message = createSiweMessage({
    address: wallet(number).address,
    version: '1',
    issuedAt: new Date(clock.wallMs()),
    ...{ chainId: given.chainId, domain: given.domain, uri: given.uri, nonce: given.nonce },
  })
  const signature = await wallet(number).signMessage({ message })
  const { status, data } = await client.signIn!(null, { message, signature })
  expect(status).toBe(200)
  client.defaults.headers.authorization = `Bearer ${data.token}`
}

test('a generated client signs in and reads its account', async () => {
  const client = await generate()
  expect((await client.getAccount!()).status).toBe(401)
  await signIn(client, 1)
  const { status, data } = await client.getAccount!()
  expect(status).toBe(200)
  expect(data).toMatchObject({
    account: nameOf(wallet(1)),
    premiumId: expect.any(String),
    status: 'active',
    tier: 'community',
    credit: { ankr: '0', usd: '0' },
  })
})

describe('a generated client', () => {
  test('has the whole life of a key', async () => {
    const client = await generate()
    await signIn(client, 2)
    const { data: project } = await client.createProject!(null, { name: 'shop' })
    const { projectId } = { projectId: project.id as string }
    const keyHash = newKeyHash()
    const made = await client.createKey!(
      { projectId },
      {
        keyHash,
        name: 'web',
        restrictions: {
          origins: ['*.example.org'],
          addresses: ['10.0.0.0/8', '::1'],
          methods: ['eth_*'],
          chains: ['eth'],
        },
        creditsPerDayMax: '1000000',
        expiresAt: 1_900_000_000,
      },
    )
    expect(made.status).toBe(201)
    expect(made.data).toMatchObject({
      name: 'web',
      status: 'active',
      expiresAt: 1_900_000_000,
      creditsPerDayMax: '1000000',
      restrictions: { origins: ['*.example.org'], contracts: [] },
    })
    const keyId = made.data.id as string
    const again = await client.createKey!({ projectId }, { keyHash, name: 'copy' })
    expect([again.status, again.data.code]).toEqual([409, 'KEY_TAKEN'])
    const double = await client.createKey!({ projectId }, { keyHash: newKeyHash(), name: 'web' })
    expect(double.data.code).toBe('NAME_TAKEN')

    expect(
      (await client.changeKey!({ keyId }, { name: 'app', expiresAt: null })).data,
    ).toMatchObject({
      name: 'app',
      expiresAt: null,
      creditsPerDayMax: '1000000',
    })
    const next = newKeyHash()
    const tooLong = await client.rotateKey!({ keyId }, { keyHash: next, overlapSeconds: 86_401 })
    expect(tooLong.data.code).toBe('MALFORMED')
    const rotated = await client.rotateKey!({ keyId }, { keyHash: next, overlapSeconds: 3_600 })
    expect(rotated.data.hashes).toEqual([
      { keyHash: next, endsAt: null },
      { keyHash, endsAt: Math.floor(clock.wallMs() / 1_000) + 3_600 },
    ])
    expect((await client.freezeKey!({ keyId })).data.status).toBe('frozen')
    expect((await client.unfreezeKey!({ keyId })).data.status).toBe('active')
    expect((await client.revokeKey!({ keyId })).data.status).toBe('revoked')
    expect((await client.unfreezeKey!({ keyId })).data.code).toBe('KEY_REVOKED')
    expect((await client.listKeys!({ projectId })).data.keys).toHaveLength(1)
    expect((await client.deleteProject!({ projectId })).status).toBe(204)
    expect((await client.getKey!({ keyId })).status).toBe(404)
  })

  test('invites, and acts for another account once it has accepted', async () => {
    const [owner, guest] = await Promise.all([generate(), generate()])
    await signIn(owner, 3)
    await signIn(guest, 4)
    const account = nameOf(wallet(3))
    await owner.inviteMember!(null, { address: wallet(4).address, role: 'finance' })
    expect((await guest.listMemberships!()).data.memberships).toContainEqual(
      expect.objectContaining({ account, role: 'finance', joinedAt: null }),
    )
    expect((await guest.acceptInvitation!(null, { account })).status).toBe(204)
    const { data } = await guest.getAccount!({ 'mooring-account': account })
    expect(data).toMatchObject({ account, role: 'finance' })
    expect(
      (await owner.changeRole!({ wallet: nameOf(wallet(4)) }, { role: 'developer' })).status,
    ).toBe(200)
    expect((await guest.leaveTeam!(null, { account })).status).toBe(204)
    expect((await guest.getAccount!({ 'mooring-account': account })).status).toBe(403)
  })

  test('tells of a deposit once, and sees it waiting', async () => {
    const client = await generate()
    await signIn(client, 5)
    const place = { transactionHash: `0x${'AB'.repeat(32)}`, logIndex: 3 }
    const told = await client.tellDeposit!(null, place)
    expect(told.status).toBe(202)
    expect((await client.tellDeposit!(null, place)).data.id).toBe(told.data.id)
    expect((await client.listDeposits!()).data.deposits).toEqual([
      expect.objectContaining({ state: 'seen', credited: '0', amount: null, confirmations: null }),
    ])
    const { data } = await client.getDeposit!({ depositId: told.data.id })
    expect(data.attestations).toEqual([])
  })

  test('freezes its account and thaws it', async () => {
    const client = await generate()
    await signIn(client, 6)
    expect(
      (await client.changeAccount!(null, { isFrozen: true, title: 'Tea' })).data,
    ).toMatchObject({
      status: 'frozen',
      title: 'Tea',
    })
    expect((await client.changeAccount!(null, { isFrozen: false })).data.status).toBe('active')
  })

  test('has at most so many of everything', async () => {
    const client = await generate()
    await signIn(client, 7)
    const codes: string[] = []
    for (let at = 0; at < 51; at++) {
      const { data } = await client.createProject!(null, { name: `p${at}` })
      if (data.code !== undefined) codes.push(data.code)
    }
    expect(codes).toEqual(['TOO_MANY'])
  })

  test('is told what is wrong with restrictions', async () => {
    const client = await generate()
    await signIn(client, 8)
    const { data: project } = await client.createProject!(null, { name: 'odd' })
    const wrong = [
      { origins: ['https://example.org'] },
      { origins: ['*'] },
      { addresses: ['10.0.0.0/33'] },
      { contracts: [`0x${'AB'.repeat(20)}`] },
      { methods: ['*'] },
      { chains: ['../etc'] },
      { anything: [] },
      { origins: Array(101).fill('example.org') },
      { methods: Array(100).fill('x'.repeat(200)) },
    ]
    for (const restrictions of wrong) {
      const { data } = await client.createKey!(
        { projectId: project.id },
        { keyHash: newKeyHash(), name: 'k', restrictions },
      )
      expect(data.code).toBe('MALFORMED')
    }
  })
})
