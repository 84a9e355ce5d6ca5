import { type Hex, hashText, type Keccak, toHex } from './bytes.ts'
import { assertCanonical, encode, parsedAs, textOf } from './canonical-file.ts'
import {
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
import { assetNames, type EpochData, type EpochFile } from './epoch-data.ts'
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
  ...{ account: address, asset: oneOf(...assetNames) },
  ...{ credits: amount, tokens: amount },
})

export const performanceField = {
  ...{ nodeId: uint64, chain, credits: amount },
  ...{ asked: uint64, answered: uint64, failed: uint64, late: uint64 },
}

/** A receipt as files have it. */
export const signedReceiptField = record({
  ...{ session: hash, nodeId: uint64, gateway: address, chain, epoch },
  ...{ number: uint64, relays: uint64, credits: amount },
  ...{ relaysSum: uint64, creditsSum: amount },
  ...{ windowRoot: hash, accumulator: hash, tariff: hash },
  ...{ gatewaySignature: signature, nodeSignature: signature },
})

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
    keyOf: ({ asset, account }) => `${asset} ${account}`,
  }),
  uncollected: amount,
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
  receipts: list(signedReceiptField, {
    max: epochFileLimits.receipts,
    keyOf: (row) => `${row.session} ${row.chain} ${ordered(row.epoch)}`,
  }),
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

/** A file, and the hash of its data as it stands there. */
export type ReadEpochFile = EpochFile & { dataHash: Hex }

/** @throws UnreadableFile */
export function parseEpochFile(bytes: Uint8Array, keccak: Keccak): ReadEpochFile {
  const text = textOf(bytes, epochFileLimits.bytes)
  const file = parsedAs(text, fileField)
  const dataText = encode(file.data)
  assertCanonical(text, `{"data":${dataText},"roots":${encode(file.roots)}}`)
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
