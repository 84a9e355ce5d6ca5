import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agreement, agreementData } from '@mooring/onchain/agreement-statement'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createEvents } from '../events.ts'
import { Agreements } from './agreements.ts'
import {
  createHandClock,
  type HandClock,
  testAccount,
  testDomain,
} from './test/deployment.fixtures.ts'

const operator = privateKeyToAccount(generatePrivateKey())
const stranger = privateKeyToAccount(generatePrivateKey())
let folder: string
let clock: HandClock
let problems: string[]
let agreements: Agreements

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-agreements-'))
  clock = createHandClock()
  problems = []
  const events = createEvents(createLogger('test', 'silent'), createMeters())
  const heard = { ...events, agreementRefused: (_file: string, why: string) => problems.push(why) }
  agreements = new Agreements(testDomain, { clock, events: { ...events, ...heard } })
})

afterEach(() => rm(folder, { recursive: true }))

function agreed(change: Partial<Agreement> = {}): Agreement {
  const nowSeconds = Math.floor(clock.wallMs() / 1_000)
  return {
    account: testAccount,
    tier: 'enterprise',
    limits: { requestsPerSecond: 9, batchMax: 7 },
    pools: ['blue'],
    validFrom: nowSeconds,
    validUntil: nowSeconds + 100,
    ...change,
  }
}

async function loadSigned(
  agreement: Agreement,
  { signer = operator, change = {} }: { signer?: typeof operator; change?: object } = {},
): Promise<void> {
  const signature = await signer.signTypedData(agreementData(testDomain, agreement))
  await loadText(JSON.stringify({ ...agreement, signature, ...change }))
}

async function loadText(text: string): Promise<void> {
  const file = join(folder, 'agreement.json')
  await writeFile(file, text)
  const files = [file]
  await agreements.load({ operators: [operator.address], agreements: files })
}

test('an agreement that an operator has signed is in force for its time', async () => {
  await loadSigned(agreed({ validFrom: Math.floor(clock.wallMs() / 1_000) + 10 }))
  expect(problems).toEqual([])
  expect(agreements.of(testAccount)).toBeUndefined()
  clock.advance(10_000)
  expect(agreements.of(testAccount)).toMatchObject({ pools: ['blue'] })
  clock.advance(90_000)
  expect(agreements.of(testAccount)).toBeUndefined()
})

test('whose signature it is and what it is over must be right', async () => {
  await loadSigned(agreed(), { signer: stranger })
  await loadSigned(agreed(), { change: { limits: { requestsPerSecond: 10, batchMax: 7 } } })
  await loadSigned(agreed(), { change: { pools: ['green'] } })
  expect(problems).toHaveLength(3)
  expect(new Set(problems)).toEqual(new Set(['no operator of the configuration has signed it']))
  expect(agreements.of(testAccount)).toBeUndefined()
})

test('the order of its limits does not matter', async () => {
  await loadSigned(agreed(), { change: { limits: { batchMax: 7, requestsPerSecond: 9 } } })
  expect(problems).toEqual([])
})

test('what has expired, is no agreement or is not there is reported', async () => {
  const nowSeconds = Math.floor(clock.wallMs() / 1_000)
  await loadSigned(agreed({ validFrom: nowSeconds - 9, validUntil: nowSeconds - 1 }))
  await loadSigned(agreed({ limits: { requestsPerDay: 1 } }))
  await loadSigned(agreed({ account: 'eip155:1:0xnobody' }))
  await loadText('{')
  await agreements.load({ operators: [operator.address], agreements: [join(folder, 'none')] })
  expect(problems).toEqual([
    'it has expired',
    expect.stringContaining('requestsPerDay'),
    expect.stringContaining('account'),
    'it is no JSON',
    'it cannot be read',
  ])
})
