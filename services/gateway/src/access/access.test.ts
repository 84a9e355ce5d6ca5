import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { parseToken } from '@mooring/protocol/access/token'
import type { MarketError } from '@mooring/protocol/market-error'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { configSchema } from '../config.ts'
import { createEvents } from '../events.ts'
import { until } from '../gateway.fixtures.ts'
import { Access } from './access.ts'
import { projectKeyHashOf, textHashOf } from './credentials.ts'
import {
  boundTo,
  createAccessKey,
  createGroupJwk,
  createGroupKey,
  createHandClock,
  createProjectKey,
  createToken,
  type HandClock,
  keyRecordOf,
  startDeployment,
  type TestDeployment,
  testAccount,
} from './test/deployment.fixtures.ts'

let deployment: TestDeployment
let clock: HandClock
let access: Access

beforeEach(async () => {
  deployment = await startDeployment()
  clock = createHandClock()
  access = openAccess()
  await untilListening()
})

afterEach(async () => {
  await access.stop()
  await deployment[Symbol.asyncDispose]()
})

function openAccess(own: Record<string, unknown> = {}): Access {
  const upstreams = [{ provider: 'a', name: 'b', url: 'http://localhost:1' }]
  const value = {
    access: { ...deployment.settings, ...own },
    chains: { local: { upstreams } },
  }
  // What is given is there.
  const parsed = configSchema.parse(value).access!
  const events = createEvents(createLogger('test', 'silent'), createMeters())
  const opened = new Access(parsed, { clock, events })
  opened.start()
  return opened
}

const byKey = (key: string) => ({ kind: 'key', key }) as const
const byToken = (token: string) =>
  ({ kind: 'token', token, scheme: 'bearer', key: undefined, proof: undefined }) as const

/** The question for changes is open, behind the one that asked for the cursor. */
async function untilListening(): Promise<void> {
  const questions = () =>
    deployment.accounts.asked.filter((path) => path === '/v1/gateway/changes').length
  await until(() => {
    clock.advance(50)
    return questions() >= 2
  })
}

/** The code of what a look-up is refused with, or `found`. */
async function outcomeOf(looking: Promise<unknown>): Promise<string> {
  return await looking.then(
    () => 'found',
    (error: MarketError) => error.code,
  )
}

const jtiOf = (text: string) => {
  const parsed = parseToken(text)
  return parsed.ok ? parsed.token.claims.jti : ''
}

const asked = () => deployment.verifiers.flatMap(({ asked }) => asked)
const lookUpsAsked = () => asked().filter((path) => path.startsWith('/v1/tokens/')).length

describe('an access key', () => {
  test('is looked up once, and known from then on', async () => {
    const { key } = deployment.issue()
    expect(access.find(byKey(key))).toBeUndefined()
    const grant = await access.lookUp(byKey(key))
    expect(grant.account).toBe(testAccount)
    const before = lookUpsAsked()
    expect(access.find(byKey(key))).toBe(grant)
    expect(lookUpsAsked()).toBe(before)
  })

  test('is asked for once by all who ask at the same time', async () => {
    const { key } = deployment.issue()
    const grants = await Promise.all(Array.from({ length: 20 }, () => access.lookUp(byKey(key))))
    expect(new Set(grants).size).toBe(1)
    expect(lookUpsAsked()).toBe(3)
  })

  test('is found where one verifier alone answers', async () => {
    const { key } = deployment.issue()
    await access.lookUp(byKey(deployment.issue().key))
    deployment.verifiers[0].isAway = true
    deployment.verifiers[1].isAway = true
    deployment.accounts.isAway = true
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('found')
  })

  test('that nobody knows is refused at once for five seconds, and then looked up again', async () => {
    const { key, keyHash } = createAccessKey()
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
    expect(() => access.find(byKey(key))).toThrow('unknown')
    const token = createToken(deployment.group, boundTo(keyHash))
    for (const { tokens } of deployment.verifiers) tokens.set(keyHash, token)
    clock.advance(5_001)
    expect(access.find(byKey(key))).toBeUndefined()
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('found')
  })

  test('is neither refused nor let in while nobody can tell', async () => {
    const { key: known } = deployment.issue()
    await access.lookUp(byKey(known))
    for (const verifier of deployment.verifiers) verifier.isAway = true
    deployment.accounts.isAway = true
    const { key } = deployment.issue()
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('ACCESS_UNKNOWN')
    expect(access.find(byKey(key))).toBeUndefined()
    expect(access.find(byKey(known))?.account).toBe(testAccount)
  })

  test('is not called unknown by fewer verifiers than could all have missed it', async () => {
    deployment.verifiers[1].isAway = true
    deployment.verifiers[2].isAway = true
    expect(await outcomeOf(access.lookUp(byKey(createAccessKey().key)))).toBe('ACCESS_UNKNOWN')
    deployment.verifiers[2].isAway = false
    expect(await outcomeOf(access.lookUp(byKey(createAccessKey().key)))).toBe('UNAUTHENTICATED')
  })

  test('is not found in a token that is bound to another key', async () => {
    const { key, keyHash } = createAccessKey()
    const { token } = deployment.issue()
    for (const { tokens } of deployment.verifiers) tokens.set(keyHash, token)
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
  })

  test('finds its next token when the one it had has expired', async () => {
    const nowSeconds = Math.floor(clock.wallMs() / 1_000)
    const { key, keyHash } = deployment.issue({ exp: nowSeconds + 60 })
    await access.lookUp(byKey(key))
    clock.advance(91_000)
    expect(access.find(byKey(key))).toBeUndefined()
    await expect(access.lookUp(byKey(key))).rejects.toThrow('it has expired')
    expect(() => access.find(byKey(key))).toThrow('it has expired')
    const next = createToken(deployment.group, boundTo(keyHash), nowSeconds + 90)
    for (const { tokens } of deployment.verifiers) tokens.set(keyHash, next)
    clock.advance(5_001)
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('found')
  })

  test('is refused past so many that are looked up at once, and those are few', async () => {
    const gate = Promise.withResolvers<void>()
    for (const verifier of deployment.verifiers) verifier.gate = gate.promise
    const first = Array.from({ length: 64 }, () => access.lookUp(byKey(createAccessKey().key)))
    const outcomes = first.map(outcomeOf)
    expect(await outcomeOf(access.lookUp(byKey(createAccessKey().key)))).toBe('OVERLOADED')
    gate.resolve()
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['UNAUTHENTICATED']))
  })

  test('that is good is not pushed out by any number that are not', async () => {
    const { key } = deployment.issue()
    const grant = await access.lookUp(byKey(key))
    for (let at = 0; at < 300; at++) await outcomeOf(access.lookUp(byKey(`no-such-key-${at}`)))
    expect(access.find(byKey(key))).toBe(grant)
  })
})

describe('a token', () => {
  const seconds = () => Math.floor(clock.wallMs() / 1_000)

  test.each([
    ['expired within the leeway', () => ({ iat: seconds() - 100, exp: seconds() - 28 }), 'found'],
    ['expired', () => ({ iat: seconds() - 100, exp: seconds() - 31 }), 'UNAUTHENTICATED'],
    ['from just ahead', () => ({ iat: seconds() + 29, exp: seconds() + 90 }), 'found'],
    ['from the future', () => ({ iat: seconds() + 32, exp: seconds() + 90 }), 'UNAUTHENTICATED'],
    ['of another issuer', () => ({ iss: 'mooring:eip155:1:0xother' }), 'UNAUTHENTICATED'],
    ['for another audience', () => ({ aud: 'mooring-accounts' }), 'UNAUTHENTICATED'],
  ])('%s', async (_what, claims, outcome) => {
    const token = createToken(deployment.group, claims())
    expect(await outcomeOf(access.lookUp(byToken(token)))).toBe(outcome)
  })

  test('stops working when it expires, though it is known', async () => {
    const token = createToken(deployment.group, { exp: seconds() + 60 })
    await access.lookUp(byToken(token))
    clock.advance(89_000)
    expect(access.find(byToken(token))).toBeDefined()
    clock.advance(2_000)
    expect(access.find(byToken(token))).toBeUndefined()
    expect(await outcomeOf(access.lookUp(byToken(token)))).toBe('UNAUTHENTICATED')
  })

  test('with one bit of its signature changed is worth nothing', async () => {
    const token = createToken(deployment.group)
    const other = createToken(deployment.group, { jti: 'B'.repeat(43) })
    const [head, body] = token.split('.')
    const signature = other.split('.')[2]
    const forged = `${head}.${body}.${signature}`
    expect(await outcomeOf(access.lookUp(byToken(forged)))).toBe('UNAUTHENTICATED')
  })

  test('is void when two of three verifiers say so, and not when one does', async () => {
    const token = createToken(deployment.group)
    const grant = await access.lookUp(byToken(token))
    await deployment.revoke(jtiOf(token), 1)
    const polls = () => asked().filter((path) => path === '/v1/revocations').length
    await untilPolled(polls)
    expect(access.isGood(grant)).toBe(true)
    deployment.verifiers[0].revocations.length = 0
    await deployment.revoke(jtiOf(token), 2)
    await untilPolled(polls)
    await until(() => !access.isGood(grant))
    expect(await outcomeOf(access.lookUp(byToken(token)))).toBe('UNAUTHENTICATED')
  })

  test('is not void because one verifier says so in the name of two', async () => {
    const token = createToken(deployment.group)
    const grant = await access.lookUp(byToken(token))
    await deployment.revoke(jtiOf(token), 1)
    const [first, second] = deployment.verifiers
    // The list holds one.
    const own = first.revocations[0]!
    first.revocations.push({ ...own, verifier: second.signer.address })
    await untilPolled(() => asked().filter((path) => path === '/v1/revocations').length)
    expect(access.isGood(grant)).toBe(true)
  })

  /** Two whole rounds: what is asked for twice was answered once. */
  async function untilPolled(polls: () => number): Promise<void> {
    for (let round = 0; round < 2; round++) {
      const before = polls()
      clock.advance(2_000)
      await until(() => polls() >= before + 3)
    }
  }
})

describe('a key of the group', () => {
  test('that one lying verifier publishes is not taken', async () => {
    const own = createGroupKey()
    const [liar, other] = deployment.verifiers
    const signedAlone = await createGroupJwk(own, [liar.signer])
    const inAnothersName = {
      ...signedAlone,
      'mooring:signatures': [
        ...signedAlone['mooring:signatures'],
        { ...signedAlone['mooring:signatures'][0], verifier: other.signer.address },
      ],
    }
    liar.keys.splice(0, 1, signedAlone, inAnothersName, { kty: 'RSA' }, null)
    expect(await outcomeOf(access.lookUp(byToken(createToken(own))))).toBe('UNAUTHENTICATED')
    expect(await outcomeOf(access.lookUp(byToken(createToken(deployment.group))))).toBe('found')
  })

  test('goes by its thumbprint, and by no other name', async () => {
    const own = createGroupKey()
    const misnamed = { x: own.x, kid: 'A'.repeat(43) }
    const signers = deployment.verifiers.map(({ signer }) => signer)
    for (const { keys } of deployment.verifiers) keys.push(await createGroupJwk(misnamed, signers))
    const token = createToken({ ...own, kid: misnamed.kid })
    expect(await outcomeOf(access.lookUp(byToken(token)))).toBe('UNAUTHENTICATED')
  })

  test('is kept while the verifiers are away', async () => {
    await access.lookUp(byToken(createToken(deployment.group)))
    for (const verifier of deployment.verifiers) verifier.isAway = true
    clock.advance(120_000)
    expect(await outcomeOf(access.lookUp(byToken(createToken(deployment.group))))).toBe('found')
  })

  test('that is new is asked for once a minute at most, and then taken', async () => {
    await access.lookUp(byToken(createToken(deployment.group)))
    const next = createGroupKey()
    const fetches = () => asked().filter((path) => path.endsWith('jwks.json')).length
    await outcomeOf(access.lookUp(byToken(createToken(createGroupKey()))))
    const before = fetches()
    for (let at = 0; at < 5; at++) {
      await outcomeOf(access.lookUp(byToken(createToken(createGroupKey()))))
    }
    expect(fetches()).toBe(before)
    const jwk = await createGroupJwk(
      next,
      deployment.verifiers.map(({ signer }) => signer),
    )
    for (const { keys } of deployment.verifiers) keys.push(jwk)
    clock.advance(60_001)
    expect(await outcomeOf(access.lookUp(byToken(createToken(next))))).toBe('found')
  })

  test('signs nothing before its time, and nothing of its lives past its end', async () => {
    const nowSeconds = Math.floor(clock.wallMs() / 1_000)
    const signers = deployment.verifiers.map(({ signer }) => signer)
    const early = createGroupKey()
    const ended = createGroupKey()
    for (const { keys } of deployment.verifiers) {
      keys.push(await createGroupJwk(early, signers, { from: nowSeconds + 40 }))
      keys.push(await createGroupJwk(ended, signers, { until: nowSeconds - 40 }))
    }
    expect(await outcomeOf(access.lookUp(byToken(createToken(early))))).toBe('UNAUTHENTICATED')
    expect(await outcomeOf(access.lookUp(byToken(createToken(ended))))).toBe('UNAUTHENTICATED')
  })

  test('is taken when as many as sign list it now, not when one shows what all once signed', async () => {
    const [liar] = deployment.verifiers
    const old = createGroupKey()
    const signers = deployment.verifiers.map(({ signer }) => signer)
    liar.keys.push(await createGroupJwk(old, signers))
    expect(await outcomeOf(access.lookUp(byToken(createToken(old))))).toBe('UNAUTHENTICATED')
  })

  test('is no key any more once so many have left it out that too few are left to sign', async () => {
    const [one, two] = deployment.verifiers
    const token = () => createToken(deployment.group, { iat: nowSeconds() })
    const nowSeconds = () => Math.floor(clock.wallMs() / 1_000)
    await access.lookUp(byToken(token()))
    const refreshed = async () => {
      const fetches = () => asked().filter((path) => path.endsWith('jwks.json')).length
      const before = fetches()
      clock.advance(60_001)
      await until(() => fetches() >= before + 3)
    }
    one.keys.length = 0
    await refreshed()
    expect(await outcomeOf(access.lookUp(byToken(token())))).toBe('found')
    two.keys.length = 0
    await refreshed()
    await until(async () => (await outcomeOf(access.lookUp(byToken(token())))) !== 'found')
  })

  test('whose end was told once has it, whoever shows an older statement', async () => {
    const nowSeconds = Math.floor(clock.wallMs() / 1_000)
    const [liar, ...others] = deployment.verifiers
    const signers = deployment.verifiers.map(({ signer }) => signer)
    await access.lookUp(byToken(createToken(deployment.group)))
    const ended = await createGroupJwk(deployment.group, signers, { until: nowSeconds + 60 })
    for (const { keys } of others) keys.splice(0, 1, ended)
    expect(liar.keys).toHaveLength(1)
    const before = asked().filter((path) => path.endsWith('jwks.json')).length
    clock.advance(60_001)
    await until(() => asked().filter((path) => path.endsWith('jwks.json')).length >= before + 3)
    clock.advance(40_000)
    const token = createToken(deployment.group, {}, nowSeconds + 60)
    await until(async () => (await outcomeOf(access.lookUp(byToken(token)))) !== 'found')
  })
})

describe('a key of the group that ends at once', () => {
  const endedBy = (count: number) => {
    const signers = deployment.verifiers.map(({ signer }) => signer)
    return createGroupJwk(deployment.group, signers.slice(0, count), { from: 7, until: 7 })
  }
  const keySetsAsked = () => asked().filter((path) => path.endsWith('jwks.json')).length
  const polled = async () => {
    const before = keySetsAsked()
    clock.advance(2_000)
    await until(() => keySetsAsked() >= before + 3)
    // The next round begins when this one is done.
    clock.advance(2_000)
    await until(() => {
      clock.advance(100)
      return keySetsAsked() >= before + 6
    })
  }

  test('has all its tokens refused within a poll, those that were known good as well', async () => {
    const { key } = deployment.issue()
    const token = createToken(deployment.group)
    const grants = [await access.lookUp(byKey(key)), await access.lookUp(byToken(token))]
    // One that tells of it is enough: two have signed it. All still list it as they did.
    deployment.verifiers[2].ended.push(await endedBy(2))
    await polled()
    await until(() => grants.every((grant) => !access.isGood(grant)))
    for (const credential of [byKey(key), byToken(token)]) {
      expect(access.find(credential)).toBeUndefined()
      expect(access.lookUp(credential)).rejects.toThrow('have ended the key it is signed with')
    }
    // The old statement is as well signed as it was.
    deployment.verifiers[2].ended.length = 0
    await polled()
    expect(await outcomeOf(access.lookUp(byToken(createToken(deployment.group))))).toBe(
      'UNAUTHENTICATED',
    )
  })

  test('is one from the start, at a gateway that never knew it', async () => {
    deployment.verifiers[1].ended.push(await endedBy(3))
    await using stack = new AsyncDisposableStack()
    const later = openAccess()
    stack.defer(() => later.stop())
    const outcome = outcomeOf(later.lookUp(byToken(createToken(deployment.group))))
    expect(await outcome).toBe('UNAUTHENTICATED')
  })

  test('does not end while one verifier fewer has signed it, or what is signed is something else', async () => {
    const grant = await access.lookUp(byKey(deployment.issue().key))
    const signers = deployment.verifiers.map(({ signer }) => signer)
    const living = await createGroupJwk(deployment.group, signers)
    const [one] = await Promise.all([endedBy(1), living])
    const twice = [...one['mooring:signatures'], ...one['mooring:signatures']]
    for (const { ended } of deployment.verifiers) {
      ended.push(one, { ...one, 'mooring:signatures': twice }, living, null, { kty: 'RSA' })
    }
    await polled()
    expect(access.isGood(grant)).toBe(true)
    expect(await outcomeOf(access.lookUp(byToken(createToken(deployment.group))))).toBe('found')
  })
})

describe('a key whose hash on chain somebody has copied to a project of their own', () => {
  const copy = (keyHash: string) => {
    const account = testAccount.replace(/aa/g, 'bb')
    const record = { account, tier: 'premium', status: 'active' } as const
    const tokens = [createToken(deployment.group, { sub: account })]
    deployment.accounts.accounts.set(account, { record, tokens })
    deployment.accounts.keys.set(keyHash, keyRecordOf(keyHash, { account }))
  }

  test("is the deposit's alone: the accounts service is never asked by that hash", async () => {
    const { key, keyHash } = deployment.issue()
    copy(keyHash)
    expect(await access.lookUp(byKey(key))).toMatchObject({ account: testAccount })
    const asked = deployment.accounts.asked.filter((path) => path.includes('/keys/'))
    expect(asked).toEqual([`/v1/gateway/keys/${projectKeyHashOf(key)}`])
  })

  test("is not found as the project's while it has no token", async () => {
    const { key, keyHash } = createAccessKey()
    copy(keyHash)
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
    // What its owner registers is found, on the same terms.
    copy(projectKeyHashOf(key))
    clock.advance(5_001)
    expect((await access.lookUp(byKey(key))).projectKey).toBeDefined()
  })

  test('works on when they freeze what they have copied', async () => {
    const { key, keyHash } = deployment.issue()
    const grant = await access.lookUp(byKey(key))
    deployment.accounts.keys.set(keyHash, keyRecordOf(keyHash, { status: 'frozen' }))
    // The question after the one that this answers.
    const questions = deployment.accounts.asked.length
    deployment.accounts.push({ kind: 'key', keyHash })
    await until(() => {
      clock.advance(50)
      return deployment.accounts.asked.length > questions
    })
    expect([access.isGood(grant), access.find(byKey(key))]).toEqual([true, grant])
  })
})

describe("a key that its owner has made a deposit's and a project's too", () => {
  test("is the deposit's, although the accounts service answers first", async () => {
    const { key } = deployment.issue()
    const keyHash = projectKeyHashOf(key)
    deployment.accounts.keys.set(keyHash, keyRecordOf(keyHash, { status: 'frozen' }))
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const verifier of deployment.verifiers) verifier.gate = promise
    const looking = access.lookUp(byKey(key))
    await until(() => deployment.accounts.asked.some((path) => path.includes('/keys/')))
    resolve()
    expect((await looking).projectKey).toBeUndefined()
  })
})

describe("a project's key", () => {
  test('works while its account holds a token, and not without one', async () => {
    const { key } = deployment.addProjectKey()
    const grant = await access.lookUp(byKey(key))
    expect(grant).toMatchObject({ account: testAccount, name: 'my-project' })
    const record = { account: testAccount, tier: 'enterprise', status: 'active' } as const
    deployment.accounts.accounts.set(testAccount, { record, tokens: [] })
    deployment.accounts.push({ kind: 'account', account: testAccount })
    await until(() => !access.isGood(grant))
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
  })

  test('does not work on a token of another account, whatever the accounts service says', async () => {
    const account = testAccount.replace(/aa/g, 'bb')
    const { key } = deployment.addProjectKey({ account })
    const record = { account, tier: 'premium', status: 'active' } as const
    const tokens = [createToken(deployment.group), createToken(createGroupKey(), { sub: account })]
    deployment.accounts.accounts.set(account, { record, tokens: tokens.slice(0, 1) })
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
    deployment.accounts.accounts.set(account, { record, tokens })
    deployment.accounts.push({ kind: 'account', account }, { kind: 'key', keyHash: 'A'.repeat(43) })
    clock.advance(5_001)
    expect(await outcomeOf(access.lookUp(byKey(key)))).not.toBe('found')
  })

  test.each(['frozen', 'revoked'] as const)('that is %s is refused', async (status) => {
    const { key } = deployment.addProjectKey({ status })
    await expect(access.lookUp(byKey(key))).rejects.toThrow(status)
  })

  test('stops working when it expires', async () => {
    const expiresAt = Math.floor(clock.wallMs() / 1_000) + 10
    const { key } = deployment.addProjectKey({ expiresAt })
    const grant = await access.lookUp(byKey(key))
    clock.advance(11_000)
    expect(access.isGood(grant)).toBe(false)
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
  })

  test('is forgotten as soon as its owner changes it', async () => {
    const { key, keyHash } = deployment.addProjectKey()
    const grant = await access.lookUp(byKey(key))
    const before = deployment.accounts.keys.get(keyHash)
    deployment.accounts.keys.set(keyHash, { ...before!, status: 'frozen' })
    deployment.accounts.push({ kind: 'key', keyHash })
    await until(() => !access.isGood(grant))
    expect(access.find(byKey(key))).toBeUndefined()
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
  })

  test('that was refused works at once when it has been made', async () => {
    const { key, keyHash } = createProjectKey()
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('UNAUTHENTICATED')
    deployment.accounts.keys.set(keyHash, recordLike(keyHash))
    deployment.accounts.push({ kind: 'key', keyHash })
    await until(async () => (await outcomeOf(access.lookUp(byKey(key)))) === 'found')
  })

  test('is looked up again when the accounts service cannot say what has changed', async () => {
    const { key } = deployment.addProjectKey()
    const grant = await access.lookUp(byKey(key))
    deployment.accounts.reset()
    await until(() => !access.isGood(grant))
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('found')
  })

  test('is not believed past a minute of silence, and tokens are', async () => {
    const { key } = deployment.addProjectKey()
    const { key: own } = deployment.issue()
    await access.lookUp(byKey(own))
    const grant = await access.lookUp(byKey(key))
    deployment.accounts.isAway = true
    // Ends the question that is open; the next ones are not answered.
    const questions = deployment.accounts.asked.length
    deployment.accounts.push({ kind: 'key', keyHash: 'B'.repeat(43) })
    await until(() => {
      clock.advance(50)
      return deployment.accounts.asked.length > questions
    })
    clock.advance(58_000)
    expect(access.isGood(grant)).toBe(true)
    clock.advance(3_000)
    expect(access.isGood(grant)).toBe(false)
    expect(await outcomeOf(access.lookUp(byKey(key)))).toBe('ACCESS_UNKNOWN')
    expect(await outcomeOf(access.lookUp(byKey(own)))).toBe('found')
  })

  const recordLike = (keyHash: string) => ({
    id: crypto.randomUUID(),
    keyHash,
    account: testAccount,
    name: 'made-later',
    status: 'active' as const,
    expiresAt: null,
    restrictions: { origins: [], addresses: [], contracts: [], methods: [], chains: [] },
    creditsPerDayMax: null,
  })
})

describe('a proof', () => {
  async function setUp() {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    const jwk = await exportJWK(publicKey)
    const token = createToken(deployment.group, { cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    const prove = (htu: string) =>
      new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu, ath: textHashOf(token) })
        .setIssuedAt(Math.floor(clock.wallMs() / 1_000))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'dpop+jwt', jwk })
        .sign(privateKey)
    const use = async (gateway: Access, proof: string) =>
      gateway.assertMayUse(
        await gateway.lookUp(byToken(token)),
        { ...byToken(token), scheme: 'dpop', proof },
        '/eth',
      )
    return { prove, use }
  }

  test('is for the address that consumers call, as the configuration names it', async () => {
    const { prove, use } = await setUp()
    await using stack = new AsyncDisposableStack()
    const behindProxy = openAccess({ publicUrl: 'https://rpc.example/v1/' })
    stack.defer(() => behindProxy.stop())
    const inside = await prove('http://10.0.0.1:8545/eth')
    expect(use(behindProxy, inside)).rejects.toThrow('`htu`')
    await use(behindProxy, await prove('https://rpc.example/v1/eth'))
  })

  test('for one gateway is none for another of another name', async () => {
    const { prove, use } = await setUp()
    await using stack = new AsyncDisposableStack()
    const [one, other] = ['https://one.example', 'https://other.example'].map((publicUrl) =>
      openAccess({ publicUrl }),
    )
    if (one === undefined || other === undefined) throw new Error('there are two')
    for (const gateway of [one, other]) stack.defer(() => gateway.stop())
    const proof = await prove('https://one.example/eth')
    await use(one, proof)
    expect(use(one, proof)).rejects.toThrow('it was used before')
    expect(use(other, proof)).rejects.toThrow('`htu`')
  })

  test('is taken by no gateway that does not know its own address, whatever a client calls it', async () => {
    const { prove, use } = await setUp()
    const proof = await prove('https://rpc.example/eth')
    const refused = use(access, proof)
    expect(refused).rejects.toThrow('`access.publicUrl`')
    expect(await outcomeOf(refused)).toBe('UNAUTHENTICATED')
    // Keys need no address.
    const { key } = deployment.issue()
    access.assertMayUse(await access.lookUp(byKey(key)), byKey(key), '/eth')
  })
})
