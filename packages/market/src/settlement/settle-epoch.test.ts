import { describe, expect, test } from 'bun:test'
import { ppmScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { sumOf } from '../economy/money/mul-div.ts'
import { addressOf, hashOf, keccak, receiptOf, smallInputs } from './epoch.fixtures.ts'
import { asPrevious, type PreviousEpoch } from './epoch-data.ts'
import { createEpochFile, encodeEpochFile, parseEpochFile } from './epoch-file.ts'
import { inconsistencies } from './inconsistencies.ts'
import { type EpochInputs, settleEpoch, workOf } from './settle-epoch.ts'
import { verifyEpoch } from './verify-epoch.ts'

describe('the work of providers', () => {
  test('is the lesser of books and receipts, and its quality that of all relays of a chain', () => {
    expect(workOf(smallInputs)).toEqual([
      { providerId: 1n, chain: 'bsc', credits: 1_000n, qualityPpm: 947_368n },
      // 900 of the books, not 950 of receipts.
      { providerId: 1n, chain: 'eth', credits: 1_200n, qualityPpm: ppmScale },
      // 700 of receipts, not 1,000 of the books; fifty relays say nothing yet.
      { providerId: 2n, chain: 'eth', credits: 700n, qualityPpm: ppmScale },
    ])
  })

  test('without a receipt is none', () => {
    const work = workOf({ ...smallInputs, receipts: [] })
    expect(work.map(({ credits }) => credits)).toEqual([0n, 0n, 0n])
  })
})

describe('a settled epoch', () => {
  const token = 10n ** 18n
  const { withheld, payouts, available, roots } = settleEpoch(smallInputs, keccak)

  test('gives away what had arrived, less what was given away before', () => {
    expect(available).toBe(1_000n * token)
    expect(sumOf(payouts.map(({ amount }) => amount)) + withheld).toBe(available)
    expect(roots.payoutsTotal + roots.withheldTotal).toBe(smallInputs.state.fundedTotal)
  })

  test('keeps a provider that did nothing in its tree', () => {
    expect(payouts.at(-1)).toEqual({ providerId: 3n, amount: 0n, cumulative: 400n * token })
  })

  test('leaves all to the next one when nothing was charged', () => {
    const served = smallInputs.served.map((row) => ({ ...row, charged: 0n }))
    const idle = settleEpoch({ ...smallInputs, served, charges: [], uncollected: 0n }, keccak)
    expect(idle).toMatchObject({ withheld: 0n, left: available })
    expect(idle.roots.payoutsTotal).toBe(1_900n * token)
    expect(idle.roots.withheldTotal).toBe(100n * token)
  })
})

describe('data that contradicts itself is told by its place:', () => {
  const [charge, ...charges] = smallInputs.charges
  const [row, ...rows] = smallInputs.performance
  const [receipt, ...receipts] = smallInputs.receipts
  const { previous } = smallInputs
  if (!(charge && row && receipt && previous)) throw new Error('the example has one of each')
  const performance = (change: Partial<typeof row>) => ({
    performance: [{ ...row, ...change }, ...rows],
  })
  const withReceipt = (change: Partial<typeof receipt>) => ({
    receipts: [{ ...receipt, ...change }, ...receipts],
  })
  const cases: [string, Partial<EpochInputs>][] = [
    ['epoch.number', { epoch: { ...smallInputs.epoch, number: 10n } }],
    ['epoch.to', { epoch: { ...smallInputs.epoch, to: smallInputs.epoch.from } }],
    ['state.fundedTotal', { state: { ...smallInputs.state, fundedTotal: 1n } }],
    ['previous.payoutsRoot', { previous: { ...previous, payoutsRoot: hashOf(1) } }],
    ['previous.payoutsTotal', { previous: { ...previous, payoutsTotal: 1n } }],
    ['tariffs[0].fromEpoch', { tariffs: [{ fromEpoch: 12n, hash: hashOf(0x7a) }] }],
    ['quality.targetPpm', { quality: { ...smallInputs.quality, targetPpm: 900_000n } }],
    ['quality.latePpm', { quality: { ...smallInputs.quality, latePpm: 1_000_001n } }],
    ['served[].charged', { charges: [{ ...charge, credits: 1n }, ...charges] }],
    ['served[].charged', { uncollected: 99n }],
    ['served[0].relayed', performance({ credits: 1_001n })],
    ['performance[0].nodeId', performance({ nodeId: 9n })],
    ['performance[0].chain', performance({ chain: 'polygon' })],
    ['performance[0].asked', performance({ asked: 999n })],
    ['performance[0].late', performance({ late: 991n })],
    [
      'nodes[2].keys[0]',
      { nodes: smallInputs.nodes.with(2, { nodeId: 5n, providerId: 2n, keys: [addressOf(0xd1)] }) },
    ],
    ['receipts[0].gateway', withReceipt({ gateway: addressOf(1) })],
    ['receipts[0].chain', withReceipt({ nodeId: 5n })],
    ['receipts[0].epoch', withReceipt({ epoch: 10n })],
    ['receipts[0].tariff', withReceipt({ tariff: hashOf(1) })],
    ['receipts[0].relaysSum', withReceipt({ relaysSum: 81n })],
    [
      'receipts[1].session',
      {
        receipts: [
          receipt,
          { ...receipts[0], session: receipt.session, nodeId: 2n } as typeof receipt,
        ],
      },
    ],
  ]
  test.each(cases)('%s', (path, change) => {
    const found = inconsistencies({ ...smallInputs, ...change }, keccak)
    expect(found.map((difference) => difference.path)).toContain(path)
  })

  test('and nothing is told of the example', () => {
    expect(inconsistencies(smallInputs, keccak)).toEqual([])
  })
})

test('a file with false payouts is told what they have to be', () => {
  const { data, roots } = createEpochFile(smallInputs, keccak)
  const payouts = data.payouts.with(0, { providerId: 1n, amount: 1n, cumulative: 2n })
  const text = encodeEpochFile({ data: { ...data, payouts }, roots })
  const file = parseEpochFile(new TextEncoder().encode(text), keccak)
  const { differences } = verifyEpoch(file, keccak)
  expect(differences.map(({ path }) => path)).toEqual([
    'data.payouts[0].amount',
    'data.payouts[0].cumulative',
    'roots.dataHash',
  ])
})

/** Epochs one after the other; some are not posted, and the next one closes them. */
describe('over many epochs', () => {
  const step = fc.record({
    funded: fc.bigInt({ min: 0n, max: 10n ** 24n }),
    isPosted: fc.boolean(),
    work: fc.uniqueArray(
      fc.record({
        nodeId: fc.bigInt({ min: 1n, max: 6n }),
        booked: fc.bigInt({ min: 0n, max: 10n ** 9n }),
        receipted: fc.bigInt({ min: 0n, max: 10n ** 9n }),
        failed: fc.bigInt({ min: 0n, max: 1_000n }),
      }),
      { selector: ({ nodeId }) => nodeId, maxLength: 6 },
    ),
    charged: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n ** 10n })),
  })
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

  /** What all epochs since the last posted one come to, as one. */
  function inputsOf(
    steps: readonly Step[],
    {
      previous,
      number,
      fundedTotal,
    }: { previous: PreviousEpoch | null; number: bigint; fundedTotal: bigint },
  ): EpochInputs {
    const first = previous === null ? 0n : previous.number + 1n
    const all = steps.flatMap(({ work }, at) =>
      work.map((row) => ({ ...row, epoch: first + BigInt(at) })),
    )
    const ids = [...new Set(all.map(({ nodeId }) => nodeId))].sort((one, other) =>
      Number(one - other),
    )
    const performance = ids.map((nodeId) => {
      const own = all.filter((row) => row.nodeId === nodeId)
      const [asked, failed] = [1_000n * BigInt(own.length), sumOf(own.map((row) => row.failed))]
      const credits = sumOf(own.map(({ booked }) => booked))
      return { nodeId, chain: 'eth', credits, asked, answered: asked - failed, failed, late: 0n }
    })
    const charged = sumOf(steps.map((one) => one.charged))
    const [example] = smallInputs.charges
    if (example === undefined) throw new Error('there is a charge')
    const gateway = smallInputs.gateways[0] ?? '0x'
    return {
      ...smallInputs,
      epoch: { ...smallInputs.epoch, number },
      ...{ previous, performance },
      state: { ...smallInputs.state, fundedTotal },
      tariffs: [{ fromEpoch: first, hash: hashOf(0x7a) }],
      served: [
        { chain: 'eth', charged, relayed: sumOf(performance.map(({ credits }) => credits)) },
      ],
      charges: charged === 0n ? [] : [{ ...example, credits: charged - charged / 3n }],
      uncollected: charged / 3n,
      // Two nodes of a provider each.
      nodes: ids.map((nodeId) => ({
        nodeId,
        providerId: (nodeId + 1n) / 2n,
        keys: [addressOf(0xd00 + Number(nodeId))],
      })),
      receipts: all.map(({ nodeId, receipted, epoch }, at) => ({
        ...receiptOf({ at, nodeId, chain: 'eth', gateway }, receipted),
        epoch,
      })),
    }
  }

  test('all that arrives is given away once, whatever is posted or left out', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        let previous: PreviousEpoch | null = null
        let fundedTotal = 0n
        let waiting: Step[] = []
        for (const [at, one] of steps.entries()) {
          fundedTotal += one.funded
          waiting.push(one)
          if (!one.isPosted && at < steps.length - 1) continue
          const inputs = inputsOf(waiting, { previous, number: BigInt(at), fundedTotal })
          expect(inconsistencies(inputs, keccak)).toEqual([])
          const { left, available } = settleEpoch(inputs, keccak)
          const file = createEpochFile(inputs, keccak)
          const { payoutsTotal, withheldTotal } = file.roots
          // What the contract refuses: more than there is, or less than before.
          expect(payoutsTotal + withheldTotal + left).toBe(fundedTotal)
          expect(payoutsTotal >= (previous?.payoutsTotal ?? 0n)).toBe(true)
          expect(withheldTotal >= (previous?.withheldTotal ?? 0n)).toBe(true)
          expect(left).toBe(inputs.charges.length === 0 ? available : 0n)
          for (const { providerId, cumulative } of previous?.payouts ?? []) {
            const now = file.data.payouts.find((payout) => payout.providerId === providerId)
            expect((now?.cumulative ?? -1n) >= cumulative).toBe(true)
          }
          previous = asPrevious(file)
          waiting = []
        }
      }),
      { numRuns: 60 },
    )
  })
})
