import { describe, expect, test } from 'bun:test'
import { padHex, toHex } from 'viem'
import { partNames } from './deploy/plan.ts'
import type { Deployment } from './deployment.ts'
import { bringSignedFile } from './signed-files.ts'

const address = (number: number) => padHex(toHex(number), { size: 20 })
const hash = padHex('0x01', { size: 32 })
const deployment: Deployment = {
  ...{ chainId: 1, deployer: address(1), firstBlock: 0 },
  ...{
    guardian: address(2),
    admissions: address(3),
    delaySeconds: 1,
    proposers: [],
    executors: [],
  },
  // Every name of the list has been given an address.
  parts: Object.fromEntries(
    partNames.map((name, at) => [name, address(100 + at)]),
  ) as Deployment['parts'],
}
const bring = (name: Parameters<typeof bringSignedFile>[1], value: unknown) =>
  bringSignedFile({ deployment }, name, JSON.stringify(value))

const leaf = (at: number) => ({ account: address(at + 1), life: 0, total: '5', proof: [hash] })
const charges = (count: number) => ({
  ...{ asset: 'usd', rootId: '3' },
  leaves: Array.from({ length: count }, (_, at) => leaf(at)),
})

describe('a file that was signed', () => {
  test('becomes a call of the contract it is for', () => {
    const root = { asset: 'ankr', root: hash, dataHash: hash, periodEnd: '7', signatures: ['0x01'] }
    const [brought] = bring('charge-root', root)
    expect(brought?.call).toMatchObject({
      to: deployment.parts.ankrEscrow,
      functionName: 'postChargeRoot',
      args: [hash, hash, 7n, ['0x01']],
    })
  })

  test('that is too long for a transaction becomes several, and nothing is left out', () => {
    const brought = bring('charges', charges(450))
    expect(brought.map(({ label }) => label)).toEqual([
      'apply 200 charges of usd',
      'apply 200 charges of usd',
      'apply 50 charges of usd',
    ])
    const accounts = brought.flatMap(({ call }) => {
      const [, leaves] = call.args as [bigint, { account: string }[]]
      return leaves.map(({ account }) => account.toLowerCase())
    })
    expect(accounts).toEqual(charges(450).leaves.map(({ account }) => account))
  })

  test.each([
    ['charges', charges(0), 'leaves'],
    ['charges', { ...charges(1), asset: 'eur' }, 'asset'],
    ['charges', { ...charges(1), rootId: 3 }, 'rootId'],
    ['charges', { ...charges(1), extra: 1 }, 'extra'],
    [
      'payouts',
      { payouts: [{ providerId: '1', epoch: '-1', cumulative: '1', proof: [] }] },
      'epoch',
    ],
    ['rate', { observedAt: '1', quotes: ['1'], signatures: ['0x0'] }, 'signatures.0'],
    ['epoch', { epoch: '1' }, 'payoutsRoot'],
  ] as const)('of %p that holds something else is told by its place', (name, value, place) => {
    expect(() => bring(name, value)).toThrow(place)
  })
})
