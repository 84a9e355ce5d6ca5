import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import * as contracts from '@mooring/testkit/wallet-contracts'
import { concat, getAddress, type Hex } from 'viem'
import { serializeErc6492Signature } from 'viem/utils'
import {
  ask,
  chainId,
  movableClock,
  signInAs,
  signInMessage,
  startForTest,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const clock = movableClock()
let anvil: Anvil
let accounts: Accounts
beforeAll(async () => {
  postgres = await startPostgres()
  anvil = await startAnvil({ chainId })
  accounts = await startForTest(postgres.url, { clock, signIn: { rpcUrl: anvil.url } })
})
afterAll(async () => {
  await accounts?.stop('test')
  await anvil?.stop()
  await postgres?.stop()
})

type Problem = { code: string; token: string }

let placed = 0
/** Puts a contract somewhere. */
async function place(code: Hex): Promise<Hex> {
  const address = getAddress(`0x${(0xc0de0000 + ++placed).toString(16).padStart(40, '0')}`)
  await anvil.ask('anvil_setCode', [address, code])
  return address
}

async function signInWith(address: Hex, signature: Hex, url = accounts.url) {
  const message = await signInMessage(url, getAddress(address))
  return await ask<Problem>(url, 'POST', '/v1/auth/siwe', { body: { message, signature } })
}

const rightSignature = concat([contracts.password, '0x0102'])

describe('a wallet that is a contract', () => {
  test('signs in when it says that the signature is its own', async () => {
    const { status, body } = await signInWith(await place(contracts.goodWallet), rightSignature)
    expect(status).toBe(200)
    const account = await ask(accounts.url, 'GET', '/v1/account', { token: body.token })
    expect(account.status).toBe(200)
  })

  test('does not when it says no', async () => {
    const address = await place(contracts.goodWallet)
    const wrong = concat(['0x', `0x${'11'.repeat(40)}`])
    expect((await signInWith(address, wrong)).body.code).toBe('SIGN_IN_REFUSED')
  })

  test('signs in before it is deployed, by the calls that would deploy it', async () => {
    const factory = await place(contracts.factory)
    const address = contracts.deployedBy(factory, contracts.goodWallet)
    const signature = serializeErc6492Signature({
      address: factory,
      data: contracts.creationCode(contracts.goodWallet),
      signature: rightSignature,
    })
    expect((await signInWith(address, signature)).status).toBe(200)
    // It was asked what would be, and nothing was done.
    expect(await anvil.ask('eth_getCode', [address, 'latest'])).toBe('0x')
  })

  test('is not another address than its calls would deploy', async () => {
    const factory = await place(contracts.factory)
    const signature = serializeErc6492Signature({
      address: factory,
      data: contracts.creationCode(contracts.goodWallet),
      signature: rightSignature,
    })
    expect((await signInWith(wallet(9).address, signature)).body.code).toBe('SIGN_IN_REFUSED')
  })
})

describe('a hostile contract', () => {
  const hostile: [string, Hex][] = [
    ['that uses up all gas', contracts.gasBomb],
    ['that answers with megabytes', contracts.memoryBomb],
    ['that fails', contracts.revertingWallet],
    ['that answers something else', contracts.undecidedWallet],
  ]
  test.each(hostile)('%s is refused', async (_what, code) => {
    const address = await place(code)
    const startMs = performance.now()
    expect((await signInWith(address, rightSignature)).body.code).toBe('SIGN_IN_REFUSED')
    // What is promised is the timeout of the node.
    expect(performance.now() - startMs).toBeLessThan(10_000)
    expect(await signInAs(accounts.url, wallet(1))).toBeString()
  })

  test('may use no more gas than is configured', async () => {
    const asked: { params: [{ gas: string }] }[] = []
    using node = Bun.serve({
      port: 0,
      async fetch(request) {
        const body = (await request.json()) as { method: string; params: [{ gas: string }] }
        if (body.method === 'eth_call') asked.push(body)
        return await fetch(anvil.url, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: request.headers,
        })
      },
    })
    await using service = await startForTest(postgres.url, {
      clock,
      signIn: { rpcUrl: `http://127.0.0.1:${node.port}`, contractCheckGasMax: 1_234_567 },
    })
    expect(
      (await signInWith(await place(contracts.goodWallet), rightSignature, service.url)).status,
    ).toBe(200)
    expect(asked.length).toBeGreaterThan(0)
    for (const { params } of asked) expect(Number(params[0].gas)).toBe(1_234_567)
  })
})

describe('a node of the chain', () => {
  async function withNode(
    answer: () => Response | Promise<Response>,
    run: (service: Accounts) => Promise<void>,
    more = {},
  ) {
    using node = Bun.serve({ port: 0, fetch: answer })
    await using service = await startForTest(postgres.url, {
      clock,
      signIn: { rpcUrl: `http://127.0.0.1:${node.port}`, contractCheckTimeoutMs: 200, ...more },
    })
    await run(service)
  }

  const answers: [string, () => Response | Promise<Response>][] = [
    [
      'that has had enough',
      () => Response.json({ jsonrpc: '2.0', id: 1, error: { code: -32_005, message: 'limit' } }),
    ],
    ['that never answers', () => new Promise<Response>(() => {})],
    ['that answers something that is no JSON', () => new Response('<html>')],
    [
      'that answers without end',
      () =>
        new Response(new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array(65_536)) })),
    ],
    ['that sends elsewhere', () => Response.redirect(anvil.url, 307)],
  ]
  test.each(answers)('%s is told to be away, and others sign in', async (_what, answer) => {
    await withNode(answer, async (service) => {
      const undeployed = `0x${'00'.repeat(96)}${'6492'.repeat(16)}` as const
      for (const signature of [rightSignature, undeployed]) {
        const { status, body } = await signInWith(wallet(3).address, signature, service.url)
        expect([status, body.code]).toEqual([503, 'CHAIN_UNREACHABLE'])
      }
      expect(await signInAs(service.url, wallet(1))).toBeString()
    })
  })

  test('is asked by one network so often and no more', async () => {
    let questions = 0
    const count = () => {
      questions++
      return Response.json({ jsonrpc: '2.0', id: 1, result: '0x' })
    }
    await withNode(
      count,
      async (service) => {
        const codes: string[] = []
        // Each of another address, so that none is remembered.
        for (let at = 10; at < 16; at++) {
          codes.push((await signInWith(wallet(at).address, rightSignature, service.url)).body.code)
        }
        expect(codes.slice(0, 4)).toEqual(Array(4).fill('SIGN_IN_REFUSED'))
        expect(codes.slice(4)).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
        expect(questions).toBe(4)
        expect(await signInAs(service.url, wallet(1))).toBeString()
      },
      { contractChecksPerMinuteMax: 4 },
    )
  })

  test('is asked once a minute whether an address is a contract', async () => {
    let questions = 0
    const count = () => {
      questions++
      return Response.json({ jsonrpc: '2.0', id: 1, result: '0x' })
    }
    await withNode(count, async (service) => {
      for (let at = 0; at < 3; at++)
        await signInWith(wallet(3).address, rightSignature, service.url)
      expect(questions).toBe(1)
    })
  })
})
