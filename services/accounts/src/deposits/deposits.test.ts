import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partNames } from '@mooring/onchain/deploy/plan'
import { formatDeployment } from '@mooring/onchain/deployment'
import type { AccountAnswer } from '@mooring/protocol/access/key-record'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { SQL } from 'bun'
import {
  ask,
  chainId,
  gatewayCredential,
  movableClock,
  nameOf,
  signInAs,
  startForTest,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'
import {
  claimsFor,
  createGroupKey,
  domain,
  type Script,
  type ScriptedVerifier,
  startScriptedVerifier,
  usdEscrow,
} from '../verifiers/verifiers.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
let folder: string
const clock = movableClock()
const verifiers = [1, 2, 3].map(startScriptedVerifier)
let accounts: Accounts
let groupKey: Awaited<ReturnType<typeof createGroupKey>>

function settings() {
  return {
    clock,
    deposits: {
      deployment: join(folder, 'deployment.json'),
      verifiers: verifiers.map(({ address, url }) => ({ address, url })),
      verifiersMin: 2,
      verifierTimeoutMs: 300,
      checkIntervalMs: 20,
      revocationIntervalMs: 20,
    },
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-deposits-'))
  postgres = await startPostgres()
  const zero = `0x${'00'.repeat(20)}` as const
  // Every name of the list becomes a member.
  const none = Object.fromEntries(partNames.map((name) => [name, zero])) as Record<
    (typeof partNames)[number],
    typeof zero
  >
  const parts = { ...none, ankrEscrow: domain.ankrEscrow, stableEscrow: usdEscrow }
  const people = { deployer: zero, guardian: zero, admissions: zero, proposers: [], executors: [] }
  const deployment = formatDeployment({ chainId, firstBlock: 0, delaySeconds: 0, ...people, parts })
  await writeFile(join(folder, 'deployment.json'), deployment)
  groupKey = await createGroupKey(verifiers.slice(0, 2))
  accounts = await startForTest(postgres.url, settings())
})
afterAll(async () => {
  await accounts?.stop('test')
  for (const verifier of verifiers) verifier.stop()
  await postgres?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

type View = {
  id: string
  state: string
  credited: string
  refusal: string | null
  confirmations: object | null
  attestations: object[]
}

let made = 0
/** A deposit nobody has told of, and what to do with it. */
function newDeposit(number: number) {
  const owner = wallet(number)
  const transactionHash = `0x${(++made).toString(16).padStart(64, '0')}`
  const say = (...scripts: Script[]) => {
    for (const [at, script] of scripts.entries()) verifiers[at]?.say(transactionHash, script)
  }
  return { owner, transactionHash, say, isOf: { account: owner.address } }
}

async function tell(token: string, transactionHash: string): Promise<string> {
  const body = { transactionHash, logIndex: 1 }
  return (await ask<View>(accounts.url, 'POST', '/v1/deposits', { token, body })).body.id
}

/** Waits for a deposit to be so; the clock goes on meanwhile, as checks are due by it. */
async function until(token: string, id: string, isSo: (view: View) => boolean): Promise<View> {
  const endMs = performance.now() + 15_000
  for (;;) {
    clock.skipMs(1_000)
    const { body } = await ask<View>(accounts.url, 'GET', `/v1/deposits/${id}`, { token })
    if (isSo(body)) return body
    if (performance.now() > endMs) throw new Error(`it stayed ${JSON.stringify(body)}`)
    await Bun.sleep(20)
  }
}

const is = (state: string) => (view: View) => view.state === state
const few = (have: number): Script => ({
  code: 'TOO_FEW_CONFIRMATIONS',
  confirmations: { have, need: 12 },
})
const credit = async (token: string) =>
  (
    await ask<{ credit: { ankr: string; usd: string } }>(accounts.url, 'GET', '/v1/account', {
      token,
    })
  ).body.credit
const asGateway = async (owner: { address: string }) =>
  (
    await ask<AccountAnswer>(accounts.gatewayUrl, 'GET', `/v1/gateway/accounts/${nameOf(owner)}`, {
      token: gatewayCredential,
    })
  ).body

describe('a deposit', () => {
  test('goes from seen over twelve blocks and a tenth to all of it', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(1)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    const id = await tell(token, transactionHash)
    expect((await until(token, id, is('seen'))).credited).toBe('0')
    say(few(3), few(4), few(2))
    // A round that had begun may have asked one of them only after it changed its mind.
    const confirming = await until(token, id, ({ confirmations }) =>
      Bun.deepEquals(confirmations, { have: 3, need: 12 }),
    )
    expect(confirming.state).toBe('confirming')
    say({ facts: isOf }, few(11), few(11))
    await until(token, id, ({ confirmations }) =>
      Bun.deepEquals(confirmations, { have: 11, need: 12 }),
    )
    expect(await credit(token)).toEqual({ ankr: '0', usd: '0' })
    say({ facts: isOf }, { facts: isOf })
    const capped = await until(token, id, is('attested-capped'))
    expect(capped.credited).toBe('100')
    expect(capped.attestations).toHaveLength(2)
    expect((await asGateway(owner)).record).toMatchObject({ tier: 'premium', status: 'active' })
    // One says final, the others not yet: no two say the same.
    say({ facts: { ...isOf, isFinal: true } }, { facts: isOf }, few(11))
    clock.skipMs(60_000)
    await Bun.sleep(100)
    expect((await until(token, id, is('attested-capped'))).credited).toBe('100')
    say({ facts: { ...isOf, isFinal: true } }, { facts: { ...isOf, isFinal: true } })
    expect((await until(token, id, is('final'))).credited).toBe('1005')
    expect(await credit(token)).toEqual({ ankr: '1005', usd: '0' })
  })

  test('that a fork undoes is taken back, and credited again when it returns', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(2)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    say({ facts: isOf }, { facts: isOf }, { facts: isOf })
    const id = await tell(token, transactionHash)
    await until(token, id, is('attested-capped'))
    say({ code: 'ORPHANED' })
    await Bun.sleep(100)
    await until(token, id, is('attested-capped'))
    say({ code: 'ORPHANED' }, { code: 'ORPHANED' })
    await until(token, id, is('orphaned'))
    expect(await credit(token)).toEqual({ ankr: '0', usd: '0' })
    expect((await asGateway(owner)).record).toMatchObject({
      tier: 'community',
      status: 'exhausted',
    })
    say({ facts: isOf }, { facts: isOf })
    await until(token, id, is('attested-capped'))
  })

  test('of dollars is credited as dollars', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(3)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    const facts = { ...isOf, escrow: usdEscrow, isFinal: true }
    say({ facts }, { facts }, { facts })
    await until(token, await tell(token, transactionHash), is('final'))
    expect(await credit(token)).toEqual({ ankr: '0', usd: '1005' })
  })

  test('that a stranger tells of is not theirs, and stays its owner’s', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(4)
    const facts = { ...isOf, isFinal: true }
    say({ facts }, { facts })
    const stranger = await signInAs(accounts.url, wallet(5), { nowMs: clock.wallMs() })
    const theirs = await until(stranger, await tell(stranger, transactionHash), is('refused'))
    expect(theirs).toMatchObject({
      refusal: 'WRONG_ACCOUNT',
      amount: null,
      attestations: [],
      credited: '0',
    } as never)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    await until(token, await tell(token, transactionHash), is('final'))
    expect(await credit(stranger)).toEqual({ ankr: '0', usd: '0' })
  })

  const lies: [string, (verifier: ScriptedVerifier, isOf: { account: `0x${string}` }) => Script][] =
    [
      ['attests more than there is', (_, isOf) => ({ facts: { ...isOf, amount: '999999999' } })],
      ['attests another deposit', (_, isOf) => ({ facts: { ...isOf, logIndex: 9 } })],
      ['is silent', () => ({ answer: () => new Promise<Response>(() => {}) })],
      [
        'answers without end',
        () => ({
          answer: () =>
            new Response(
              new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array(65_536)) }),
            ),
        }),
      ],
      ['answers no JSON', () => ({ answer: () => new Response('<html>') })],
      ['says that it is orphaned', () => ({ code: 'ORPHANED' })],
    ]
  test.each(lies)('is credited though one verifier %s', async (_what, lie) => {
    const { owner, transactionHash, say, isOf } = newDeposit(6)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    say(lie(verifiers[1]!, isOf), { facts: isOf }, { facts: isOf })
    const { credited } = await until(
      token,
      await tell(token, transactionHash),
      is('attested-capped'),
    )
    expect(credited).toBe('100')
  })

  test('is not credited on the word of one verifier in the name of two', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(7)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    const copied = {
      answer: () =>
        fetch(`${verifiers[0]!.url}/v1/attestations`, {
          method: 'POST',
          body: JSON.stringify({ transactionHash, logIndex: 1 }),
        }),
    }
    say({ facts: { ...isOf, isFinal: true } }, copied, copied)
    const id = await tell(token, transactionHash)
    clock.skipMs(5_000)
    await Bun.sleep(200)
    expect((await until(token, id, () => true)).credited).toBe('0')
  })

  test('is left alone while verifiers refuse to be asked so much, and credited after it', async () => {
    const { owner, transactionHash, say, isOf } = newDeposit(15)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    let asked = 0
    const busy = {
      answer: () => {
        asked++
        return Response.json({ code: 'RATE_LIMITED', retryAfterSeconds: 20 }, { status: 429 })
      },
    }
    say(busy, busy, { facts: isOf })
    const id = await tell(token, transactionHash)
    while (asked < 2) await Bun.sleep(20)
    clock.skipMs(19_000)
    await Bun.sleep(200)
    expect(asked).toBe(2)
    say({ facts: isOf }, { facts: isOf })
    expect((await until(token, id, is('attested-capped'))).credited).toBe('100')
  })

  test('that waits for finality with many others is asked about only when it may be final', async () => {
    const owner = wallet(31)
    const token = await signInAs(accounts.url, owner)
    const made = Array.from({ length: 15 }, (_, at) => ({ ...newDeposit(31), at }))
    const sayAll = (isFinal: boolean) => {
      for (const { say, isOf, at } of made) {
        const facts = { ...isOf, blockNumber: 500 + at, isFinal }
        say({ facts }, { facts }, { facts })
      }
    }
    sayAll(false)
    const ids: string[] = []
    for (const { transactionHash } of made) ids.push(await tell(token, transactionHash))
    for (const id of ids) await until(token, id, is('attested-capped'))
    const before = verifiers[0]!.asked
    // In a minute each of them was due some thirty times.
    for (let second = 0; second < 60; second++) {
      clock.skipMs(1_000)
      await Bun.sleep(25)
    }
    const asked = verifiers[0]!.asked - before
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(60 + made.length)
    sayAll(true)
    for (const id of ids) await until(token, id, is('final'))
  })

  test('is credited once by two services on one database', async () => {
    await using second = await startForTest(postgres.url, settings())
    expect(second.url).not.toBe(accounts.url)
    const { owner, transactionHash, say, isOf } = newDeposit(8)
    const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
    const facts = { ...isOf, isFinal: true }
    say({ facts }, { facts }, { facts })
    await Promise.all([tell(token, transactionHash), tell(token, transactionHash)])
    await until(token, await tell(token, transactionHash), is('final'))
    expect(await credit(token)).toEqual({ ankr: '1005', usd: '0' })
  })
})

describe('a token', () => {
  const store = (token: string, bound: string) =>
    ask<{ code: string; detail: string }>(accounts.url, 'POST', '/v1/tokens', {
      token,
      body: { token: bound },
    })

  async function holder(number: number) {
    const deposit = newDeposit(number)
    const token = await signInAs(accounts.url, deposit.owner, { nowMs: clock.wallMs() })
    const claims = (changes = {}) =>
      claimsFor(
        deposit.owner,
        { transactionHash: deposit.transactionHash, nowMs: clock.wallMs() },
        changes,
      )
    return { ...deposit, token, claims }
  }

  test('of the verifiers is kept for gateways, and tells of its deposit', async () => {
    for (const verifier of verifiers) verifier.publish(groupKey.jwk)
    const { owner, token, claims, say, isOf } = await holder(10)
    say({ facts: isOf }, { facts: isOf })
    const bound = await groupKey.sign(claims())
    expect((await store(token, bound)).status).toBe(201)
    expect((await asGateway(owner)).tokens).toEqual([bound])
    const { body } = await ask<{ deposits: View[] }>(accounts.url, 'GET', '/v1/deposits', { token })
    expect(body.deposits).toHaveLength(1)
    await until(token, body.deposits[0]!.id, is('attested-capped'))
  })

  test('that is refused is not kept', async () => {
    const { owner, token, claims } = await holder(11)
    const stranger = await createGroupKey(verifiers.slice(0, 1))
    const good = await groupKey.sign(claims())
    const cases: [string, string][] = [
      ['another account', await groupKey.sign(claims({ sub: nameOf(wallet(12)) }))],
      ['bound to no key', await groupKey.sign(claims({ cnf: undefined }))],
      [
        'another network',
        await groupKey.sign(
          claims({ iss: 'mooring:eip155:1:0x0000000000000000000000000000000000000001' }),
        ),
      ],
      ['not for gateways', await groupKey.sign(claims({ aud: 'elsewhere' }))],
      ['expired', await groupKey.sign(claims({ iat: 1, exp: 2 }))],
      ['no such key', await stranger.sign(claims())],
      ['signature is wrong', `${good.slice(0, -86)}${'A'.repeat(86)}`],
      ['not valid', 'a.b.c'],
    ]
    for (const [problem, bound] of cases) {
      const { status, body } = await store(token, bound)
      expect([status, body.code]).toEqual([422, 'TOKEN_REFUSED'])
      expect(body.detail).toContain(problem)
      expect(body.detail).not.toContain(bound)
    }
    expect((await asGateway(owner)).tokens).toEqual([])
  })

  test('that enough verifiers revoke is dropped, and its deposit taken back when that is gone', async () => {
    const { owner, token, claims, say, isOf, transactionHash } = await holder(13)
    say({ facts: isOf }, { facts: isOf }, { facts: isOf })
    const wanted = claims()
    const bound = await groupKey.sign(wanted)
    await store(token, bound)
    const id = await tell(token, transactionHash)
    await until(token, id, is('attested-capped'))
    say(
      { answer: () => new Response('') },
      { answer: () => new Response('') },
      { answer: () => new Response('') },
    )
    await verifiers[0]!.revoke(wanted.jti, 'orphaned')
    // Somebody else's name, and a signature that is not its own.
    await verifiers[0]!.revoke(wanted.jti, 'orphaned', { verifier: verifiers[1]!.address })
    await verifiers[2]!.revoke(wanted.jti, 'orphaned', { revokedAt: 5 })
    await Bun.sleep(150)
    expect((await asGateway(owner)).tokens).toEqual([bound])
    await verifiers[1]!.revoke(wanted.jti, 'orphaned')
    await until(token, id, is('orphaned'))
    expect(await asGateway(owner)).toMatchObject({ tokens: [], record: { status: 'exhausted' } })
  })

  test('that was revoked for another reason leaves its deposit', async () => {
    const { owner, token, claims, say, isOf, transactionHash } = await holder(14)
    const facts = { ...isOf, isFinal: true }
    say({ facts }, { facts })
    const wanted = claims()
    await store(token, await groupKey.sign(wanted))
    const id = await tell(token, transactionHash)
    await until(token, id, is('final'))
    for (const verifier of verifiers) await verifier.revoke(wanted.jti, 'rekeyed')
    const endMs = performance.now() + 15_000
    while ((await asGateway(owner)).tokens.length > 0 && performance.now() < endMs)
      await Bun.sleep(20)
    expect((await asGateway(owner)).tokens).toEqual([])
    expect((await until(token, id, is('final'))).credited).toBe('1005')
  })
})

test('a token that verifiers have renewed takes the place of the one that ends, for keys of projects', async () => {
  for (const verifier of verifiers) verifier.publish(groupKey.jwk)
  const { owner, transactionHash } = newDeposit(15)
  const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
  const keyHash = `${'k'.repeat(42)}A`
  const cnf = { 'key#S256': keyHash }
  const claims = claimsFor(owner, { transactionHash, nowMs: clock.wallMs() }, { cnf })
  const sign = (changes: object) => groupKey.sign({ ...claims, ...changes })
  const bound = await sign({})
  await ask(accounts.url, 'POST', '/v1/tokens', { token, body: { token: bound } })
  const renewed = await sign({ exp: claims.exp + 7_200 })
  verifiers[1]!.hold(keyHash, renewed)
  // One verifier may tell of tokens of its own making, of somebody else or of another key.
  const stranger = await createGroupKey(verifiers.slice(0, 1))
  verifiers[0]!.hold(keyHash, await stranger.sign({ ...claims, exp: claims.exp + 9_000 }))
  verifiers[2]!.hold(keyHash, await sign({ sub: nameOf(wallet(16)), exp: claims.exp + 9_000 }))
  await Bun.sleep(100)
  // Nobody is asked before its last third.
  expect((await asGateway(owner)).tokens).toEqual([bound])
  clock.skipMs(2_500_000)
  const endMs = performance.now() + 15_000
  const isRenewed = async () => (await asGateway(owner)).tokens.includes(renewed)
  while (!(await isRenewed()) && performance.now() < endMs) await Bun.sleep(20)
  clock.skipMs(1_200_000)
  expect((await asGateway(owner)).tokens).toEqual([renewed])
})

test('a token whose key was ended at once is given to no gateway, and its place is taken by a new one', async () => {
  const [old, next] = [
    await createGroupKey(verifiers.slice(0, 2)),
    await createGroupKey(verifiers.slice(1, 3)),
  ]
  for (const verifier of verifiers) verifier.publish(old.jwk)
  clock.skipMs(60_000)
  const { owner, transactionHash } = newDeposit(17)
  const token = await signInAs(accounts.url, owner, { nowMs: clock.wallMs() })
  const keyHash = `${'e'.repeat(42)}A`
  const cnf = { 'key#S256': keyHash }
  const claims = claimsFor(owner, { transactionHash, nowMs: clock.wallMs() }, { cnf })
  const bound = await old.sign(claims)
  const store = () => ask(accounts.url, 'POST', '/v1/tokens', { token, body: { token: bound } })
  expect((await store()).status).toBe(201)
  const untilTokensAre = async (wanted: string[]) => {
    const endMs = performance.now() + 15_000
    while (!Bun.deepEquals((await asGateway(owner)).tokens, wanted)) {
      if (performance.now() > endMs) throw new Error('they are others')
      clock.skipMs(1_000)
      await Bun.sleep(20)
    }
  }
  // One verifier alone ends nothing, whatever it lists: of its own making, of another key, or what is no key.
  const alone = await createGroupKey(verifiers.slice(0, 1))
  const { kid, x } = old.jwk
  verifiers[0]!.end({ ...alone.endedJwk, kid, x })
  const another = await createGroupKey(verifiers.slice(0, 2))
  verifiers[0]!.end({ ...another.endedJwk, kid })
  verifiers[0]!.end({ ...another.endedJwk, x: `${'_'.repeat(42)}_` })
  clock.skipMs(20_000)
  await Bun.sleep(200)
  expect((await asGateway(owner)).tokens).toEqual([bound])
  // One that does not know of it goes on listing the key.
  for (const verifier of verifiers.slice(1)) verifier.end(old.endedJwk)
  await untilTokensAre([])
  expect((await store()).status).toBe(422)
  for (const verifier of verifiers) verifier.publish(next.jwk)
  const renewed = await next.sign({ ...claims, jti: 'n'.repeat(43) })
  verifiers[2]!.hold(keyHash, renewed)
  await untilTokensAre([renewed])
})

test('what verifiers signed is kept as the proof of each credit', async () => {
  await using sql = new SQL(postgres.url, { max: 1 })
  const rows = await sql`
    select deposits.id from deposits where credited > 0 and (
      select count(distinct verifier) from attestations where deposit_id = deposits.id
        and (statement->>'isFinal')::boolean = (state = 'final')
    ) < 2`
  expect([...rows]).toEqual([])
})

test('a deployment of another chain is no start', async () => {
  const other = startForTest(postgres.url, { ...settings(), signIn: { chainId: 5 } })
  await expect(other).rejects.toThrow('the deployment is on chain')
})
