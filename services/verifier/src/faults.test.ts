import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSignedByQuorum, revocationData } from '@mooring/onchain/access-statements'
import type {
  RevocationList,
  SignedRevocation,
  VerifierProblem,
} from '@mooring/protocol/access/verifier-wire'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { membersOf } from '@mooring/testkit/economy/people'
import {
  createSeats,
  domainOf,
  findToken,
  post,
  readKeySet,
  type Seat,
  type Seats,
  tokenFrom,
  until,
  untilReady,
  type Wish,
  wishFor,
} from '@mooring/testkit/verifier-seats'
import * as jose from 'jose'

setDefaultTimeout(40_000)

let chain: DepositChain
/** Each verifier has nodes of its own, so that one of them can be lied to alone. */
let own: DepositChain['nodes'][number][]
let table: Seats
/** What a test broke that does not mend by itself. */
const mend: (() => Promise<void>)[] = []

beforeAll(async () => {
  chain = await openDepositChain()
  own = [0, 1, 2].map(() => chain.openNode())
  table = await createSeats(chain, {
    depthBlocks: 1,
    sourcesOf: (at) => [own[at]?.url ?? '', chain.nodes[0].url],
    sourceTimeoutMs: 1_000,
  })
  await Promise.all(table.seats.map((seat) => seat.start()))
  await untilReady(table.seats)
})
afterEach(async () => {
  for (const node of own) node.beHonest()
  for (const one of mend.splice(0)) await one()
  for (const seat of table.seats) if (seat.verifier === undefined) await seat.start()
  await untilReady(table.seats)
})
afterAll(async () => {
  await table?.[Symbol.asyncDispose]()
  for (const node of own ?? []) await node[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
})

const verified = async (seat: Seat, token: string) => {
  const keys = jose.createLocalJWKSet((await readKeySet(seat)) as never)
  return (await jose.jwtVerify(token, keys, { typ: 'at+jwt', algorithms: ['EdDSA'] })).payload
}

describe('two honest verifiers make tokens', () => {
  for (const bad of [0, 1, 2] as const) {
    const others = [0, 1, 2].filter((at) => at !== bad) as [0 | 1 | 2, 0 | 1 | 2]

    test(`while number ${bad + 1} is dead`, async () => {
      await table.seats[bad].stop()
      for (const at of others) {
        const { token } = await tokenFrom(table.seats[at], await wishFor(chain, 1))
        await verified(table.seats[at], token)
      }
    })

    test(`while number ${bad + 1} is lied to, and attests nothing that is not so`, async () => {
      own[bad]?.lie((method, result) => {
        if (method !== 'eth_getTransactionReceipt' || result === null) return result
        // A deposit ten times as large.
        return JSON.parse(
          JSON.stringify(result).replaceAll('3635c9adc5dea00000', '21e19e0c9bab2400000'),
        )
      })
      const wish = await wishFor(chain, 1)
      for (const at of others) {
        const { token } = await tokenFrom(table.seats[at], wish)
        await verified(table.seats[at], token)
      }
      const { status, value } = await post(`${table.seats[bad].url}/v1/tokens`, wish.request)
      expect([status, value.code]).toEqual([503, 'SOURCES_DIFFER'])
    })

    test(`while number ${bad + 1} signs with a share that is none`, async () => {
      await spoilShare(table.seats[bad])
      const wish = await wishFor(chain, 1)
      for (const at of others) {
        // The second is made by those whom the first has shown to be honest.
        for (let tries = 0; tries < 2; tries++) {
          const { token } = await tokenFrom(table.seats[at], wish)
          await verified(table.seats[at], token)
        }
      }
    })
  }

  test('while one is slow', async () => {
    const wish = await wishFor(chain, 1)
    // The next test stops it: what was asked of a node that stalls is waited for a while longer.
    own[1]?.stall()
    const { token } = await tokenFrom(table.seats[0], wish)
    await verified(table.seats[0], token)
  })
})

test('one verifier alone makes none, and says what the others said', async () => {
  const wish = await wishFor(chain, 1)
  await table.seats[1].stop()
  own[2]?.lie((method, result) => (method === 'eth_getTransactionReceipt' ? null : result))
  const { status, value } = await post(`${table.seats[0].url}/v1/tokens`, wish.request)
  // The problem document of a verifier.
  const problem = value as VerifierProblem
  expect([status, problem.code]).toEqual([503, 'TOO_FEW_VERIFIERS'])
  expect(problem.verifiers?.map(({ code }) => code).sort()).toEqual([
    'SOURCES_DIFFER',
    'UNREACHABLE',
  ])
})

describe('before its block is final', () => {
  test('a deposit may be used for a tenth, and wholly afterwards without its owner', async () => {
    const wish = await wishFor(chain, 1, { blocks: 1 })
    const { claims } = await tokenFrom(table.seats[0], wish)
    expect(claims).toMatchObject({ stage: 'capped', cap: `${10n ** 20n}` })
    expect(claims.exp - claims.iat).toBe(7_200)
    await chain.anvil.mine(20)
    await until(async () => (await findToken(table.seats[1], wish))?.claims.stage === 'full')
    const found = await findToken(table.seats[1], wish)
    expect(found?.claims).toMatchObject({ jti: claims.jti, stage: 'full' })
    expect(found?.claims.cap).toBeUndefined()
    await verified(table.seats[0], found?.token ?? '')
  })

  test('a token whose deposit a fork undoes is revoked by as many as issue one', async () => {
    const wish = await wishFor(chain, 1, { blocks: 1 })
    const { claims } = await tokenFrom(table.seats[0], wish)
    await chain.rollback(2, { forget: true })
    await chain.anvil.mine(6)
    const revocations = await revocationsOf(claims.jti, 2)
    expect(new Set(revocations.map(({ reason }) => reason))).toEqual(new Set(['orphaned']))
    const [first] = revocations
    if (first === undefined) throw new Error('there is none')
    for (const one of revocations) {
      const alone = { members: membersOf('verifier').map(({ address }) => address), threshold: 1 }
      const data = revocationData(domainOf(chain), one)
      expect(await isSignedByQuorum(alone, data, [one])).toBe(true)
    }
    await until(async () => (await findToken(table.seats[0], wish)) === undefined)
    const { status, value } = await post(`${table.seats[0].url}/v1/tokens`, wish.request)
    expect([status, value.code]).toEqual([409, 'REQUEST_USED'])
  })
})

test('an account that names another key has its tokens revoked', async () => {
  const before = await wishFor(chain, 1)
  const { claims } = await tokenFrom(table.seats[0], before)
  const after = await wishFor(chain, 1)
  const revocations = await revocationsOf(claims.jti, 2)
  expect(revocations.every(({ reason }) => reason === 'rekeyed')).toBe(true)
  await tokenFrom(table.seats[0], after)
})

describe('a verifier that starts again', () => {
  test('has its share, its tokens and its revocations', async () => {
    const wish = await wishFor(chain, 1)
    const { token } = await tokenFrom(table.seats[0], wish)
    const [seat] = table.seats
    await seat.stop()
    await seat.start()
    expect((await fetch(`${seat.url}/ready`)).status).toBe(200)
    expect((await findToken(seat, wish))?.token).toBe(token)
    await tokenFrom(seat, await wishFor(chain, 2))
  })

  test('learns of the tokens that were made while it was away', async () => {
    const [first, second, third] = table.seats
    await third.stop()
    const wish: Wish = await wishFor(chain, 1)
    const { token } = await tokenFrom(first, wish)
    await third.start()
    await until(async () => (await findToken(third, wish))?.token === token)
    await second.stop()
    await tokenFrom(third, await wishFor(chain, 2))
  })
})

test('what is not sealed by another verifier is not heard', async () => {
  const [{ url }] = table.seats
  for (const text of ['', 'x', '{}', 'a.b.c.d.e', 'x'.repeat(2_000_000)]) {
    const response = await fetch(`${url}/peer`, { method: 'POST', body: text })
    expect([400, 413]).toContain(response.status)
  }
})

/** What verifiers have revoked, once as many of them as wanted have. */
async function revocationsOf(jti: string, count: number): Promise<SignedRevocation[]> {
  let found: SignedRevocation[] = []
  await until(async () => {
    const lists = await Promise.all(
      table.seats.map(async ({ url }) => {
        const response = await fetch(`${url}/v1/revocations?after=0`)
        return (await response.json()) as RevocationList
      }),
    )
    found = lists.flatMap(({ revocations }) => revocations).filter((one) => one.jti === jti)
    return found.length >= count
  })
  return found
}

/** Starts a verifier again with another share than it made, as of a disk that rots or an owner that cheats. */
async function spoilShare(seat: Seat): Promise<void> {
  await seat.stop()
  const file = join(seat.dataFolder, 'keys', 'key-1.json')
  const text = await readFile(file, 'utf8')
  const key = JSON.parse(text)
  key.frost.secret.signingShare = `AQ${'A'.repeat(41)}`
  await writeFile(file, JSON.stringify(key))
  await seat.start()
  mend.push(async () => {
    await seat.stop()
    await writeFile(file, text)
    await seat.start()
  })
}
