import { canonicalJson } from '../pricing/canonical-json.ts'
import { type Hex, hashText, type Keccak, toHex } from './bytes.ts'
import {
  FieldProblem,
  hex,
  integer,
  list,
  oneOf,
  ordered,
  orNull,
  record,
  text,
  uint,
  uint64,
  uint128,
} from './data-fields.ts'
import { assetNames, type EpochData, type EpochFile, type EpochRoots } from './epoch-data.ts'
import type { Difference } from './inconsistencies.ts'
import { type EpochInputs, settleEpoch } from './settle-epoch.ts'

/**
 * An epoch as it is published: canonical JSON, in which amounts and ids are decimal strings. One value has one text, so
 * two files say the same exactly when their bytes are the same.
 */

/** What a file may hold; a reader refuses more. */
export const epochFileLimits = {
  bytes: 256 * 1_048_576,
  charges: 1_000_000,
  nodes: 20_000,
  keysOfNode: 64,
  chains: 1_000,
  gateways: 64,
  performance: 200_000,
  receipts: 1_000_000,
  providers: 20_000,
  tariffs: 1_000,
} as const

const address = hex(20)
const hash = hex(32)
const signature = hex(65)
const ppm = uint64
/** The one after it is a number of 64 bits as well. */
const epoch = uint(63n)
/** So many rows as a list may have add up to less than 128 bits, which sums are kept in. */
const amount = uint(100n)
const chain = text(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'the name of a chain')
const self = (value: string) => value

export const chargeField = record({
  ...{ account: address, asset: oneOf(...assetNames), life: integer(0, 2 ** 32 - 1) },
  ...{ credits: amount, tokens: amount, total: amount },
})

export const performanceField = {
  ...{ nodeId: uint64, chain, credits: amount },
  ...{ asked: uint64, answered: uint64, failed: uint64, late: uint64 },
}

const dataField = record({
  version: oneOf(1),
  deployment: record({
    chainId: integer(1, Number.MAX_SAFE_INTEGER),
    ...{ registry: address, epochs: address, distributor: address },
    ...{ ankrEscrow: address, stableEscrow: address },
  }),
  epoch: record({ number: epoch, from: uint64, to: uint64 }),
  state: record({ block: uint64, hash, fundedTotal: uint128 }),
  previous: orNull(
    record({
      ...{ number: epoch, payoutsRoot: hash, payoutsTotal: uint128, withheldTotal: uint128 },
      payouts: list(record({ providerId: uint64, cumulative: uint128 }), {
        max: epochFileLimits.providers,
        keyOf: ({ providerId }) => ordered(providerId),
      }),
    }),
  ),
  quality: record({ floorPpm: ppm, targetPpm: ppm, latePpm: ppm, askedMin: uint64 }),
  tariffs: list(record({ fromEpoch: epoch, hash }), {
    min: 1,
    max: epochFileLimits.tariffs,
    keyOf: ({ fromEpoch }) => ordered(fromEpoch),
  }),
  served: list(record({ chain, charged: amount, relayed: amount }), {
    max: epochFileLimits.chains,
    keyOf: (row) => row.chain,
  }),
  charges: list(chargeField, {
    max: epochFileLimits.charges,
    keyOf: ({ asset, account, life }) => `${asset} ${account} ${ordered(BigInt(life))}`,
  }),
  gateways: list(address, { max: epochFileLimits.gateways, keyOf: self }),
  nodes: list(
    record({
      ...{ nodeId: uint64, providerId: uint64 },
      keys: list(address, { min: 1, max: epochFileLimits.keysOfNode, keyOf: self }),
    }),
    { max: epochFileLimits.nodes, keyOf: ({ nodeId }) => ordered(nodeId) },
  ),
  performance: list(record(performanceField), {
    max: epochFileLimits.performance,
    keyOf: (row) => `${ordered(row.nodeId)} ${row.chain}`,
  }),
  receipts: list(
    record({
      ...{ session: hash, nodeId: uint64, gateway: address, chain, epoch },
      ...{ number: uint64, relays: uint64, credits: amount },
      ...{ relaysSum: uint64, creditsSum: amount },
      ...{ windowRoot: hash, accumulator: hash, tariff: hash },
      ...{ gatewaySignature: signature, nodeSignature: signature },
    }),
    {
      max: epochFileLimits.receipts,
      keyOf: (row) => `${row.session} ${row.chain} ${ordered(row.epoch)}`,
    },
  ),
  payouts: list(record({ providerId: uint64, amount: uint128, cumulative: uint128 }), {
    max: epochFileLimits.providers,
    keyOf: ({ providerId }) => ordered(providerId),
  }),
})

const rootsField = record({
  ...{ epoch, chargesRoot: hash, payoutsRoot: hash, performanceRoot: hash },
  ...{ receiptsRoot: hash, tariffHash: hash, dataHash: hash },
  ...{ payoutsTotal: uint128, withheldTotal: uint128 },
})

const fileField = record({ data: dataField, roots: rootsField })

/** Thrown for bytes that are no epoch file: what is wrong first, and where. */
export class NoEpochFile extends Error {
  override name = 'NoEpochFile'
  readonly difference: Difference

  constructor(difference: Difference) {
    const { path, expected, found } = difference
    super(`${path === '' ? 'it' : path} is ${found}, not ${expected}`)
    this.difference = difference
  }
}

/** A file, and the hash of its data as it stands there. */
export type ReadEpochFile = EpochFile & { dataHash: Hex }

/** @throws NoEpochFile */
export function parseEpochFile(bytes: Uint8Array, keccak: Keccak): ReadEpochFile {
  const text = textOf(bytes)
  const file = fileOf(jsonOf(text))
  const dataText = encode(file.data)
  const canonical = `{"data":${dataText},"roots":${encode(file.roots)}}`
  if (canonical !== text) throw notCanonical(canonical, text)
  return { ...file, dataHash: toHex(hashText(keccak, dataText)) }
}

export function encodeEpochFile({ data, roots }: EpochFile): string {
  return `{"data":${encode(data)},"roots":${encode(roots)}}`
}

/** Settles what is known of an epoch, and says what comes out. */
export function createEpochFile(inputs: EpochInputs, keccak: Keccak): EpochFile {
  const { payouts, roots } = settleEpoch(inputs, keccak)
  const data: EpochData = { ...inputs, payouts }
  return { data, roots: { ...roots, dataHash: toHex(hashText(keccak, encode(data))) } }
}

function encode(value: EpochData | EpochRoots): string {
  return canonicalJson(plain(value))
}

/** As JSON has it: numbers that may be large are decimal strings. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

function textOf(bytes: Uint8Array): string {
  const max = epochFileLimits.bytes
  if (bytes.length > max) {
    throw new NoEpochFile({ path: '', expected: `at most ${max} bytes`, found: `${bytes.length}` })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new NoEpochFile({ path: '', expected: 'text in UTF-8', found: 'something else' })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new NoEpochFile({ path: '', expected: 'JSON', found })
  }
}

function fileOf(value: unknown): EpochFile {
  try {
    return fileField(value)
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error
    const { path, expected, found } = error
    throw new NoEpochFile({ path, expected, found })
  }
}

/** Spaces, another order, a member twice and another form of a number or a text all end here. */
function notCanonical(canonical: string, text: string): NoEpochFile {
  let at = 0
  while (canonical[at] === text[at]) at++
  const from = (all: string) => JSON.stringify(all.slice(at, at + 20))
  return new NoEpochFile({
    path: `the text from character ${at + 1} on`,
    expected: `${from(canonical)}, its only form`,
    found: from(text),
  })
}
