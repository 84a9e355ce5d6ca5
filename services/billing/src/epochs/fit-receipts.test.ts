import { expect, test } from 'bun:test'
import type { SignedReceipt } from '@mooring/market/settlement/receipts'
import { keyNumber, nameOf, signedInputs, signReceipt } from '@mooring/onchain/epoch.fixtures'
import { openKeccak } from '@mooring/onchain/keccak'
import type { StoredReceipt } from '@mooring/store/ledger/relay-receipts'
import { stringToHex } from 'viem'
import { fitReceipts, type LeftOut, recoverReceipts } from './fit-receipts.ts'

const keccak = await openKeccak()
const { deployment, receipts, tariffs, nodes, gateways } = await signedInputs()
const [first, second] = receipts
if (!(first && second)) throw new Error('the example has receipts')
const facts = {
  tariffs,
  gateways: new Set(gateways),
  keyOwners: new Map(
    nodes.flatMap(({ nodeId, keys }) => keys.map((key) => [key, nodeId] as const)),
  ),
  rows: new Set(receipts.map(({ nodeId, chain }) => `${nodeId} ${chain}`)),
}

function storedOf({ gatewaySignature, nodeSignature, ...receipt }: SignedReceipt): StoredReceipt {
  const chain = stringToHex(receipt.chain, { size: 32 })
  const text = JSON.stringify({ ...receipt, chain }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return { chain: receipt.chain, receipt: text, gatewaySignature, nodeSignature }
}

async function fit(stored: readonly StoredReceipt[]) {
  const left: LeftOut[] = []
  const leave = (why: LeftOut) => void left.push(why)
  const recovered = await recoverReceipts(stored, deployment, { keccak, leave })
  return { ...fitReceipts(recovered, facts, leave), left }
}

/** Signed anew, by the keys of the example unless others are given. */
function changed(receipt: SignedReceipt, change: Partial<SignedReceipt>, node = receipt.nodeId) {
  const keys = { gateway: keyNumber(1), node: keyNumber(100 + Number(node)) }
  return signReceipt(deployment, { ...receipt, ...change }, keys)
}

test('receipts that fit stay as they are, with the keys of their nodes', async () => {
  const fitted = await fit(receipts.map(storedOf))
  expect(fitted.left).toEqual([])
  expect(fitted.receipts).toEqual([...receipts])
  expect([...fitted.keys].map(([nodeId, keys]) => ({ nodeId, keys: [...keys] }))).toEqual(
    nodes.map(({ nodeId, keys }) => ({ nodeId, keys: [...keys] })),
  )
})

test.each<[LeftOut, () => Promise<StoredReceipt> | StoredReceipt]>([
  ['malformed', () => ({ ...storedOf(first), receipt: '{' })],
  ['malformed', () => ({ ...storedOf(first), receipt: 'null' })],
  ['malformed', () => storedOf({ ...first, credits: 2n ** 100n })],
  ['malformed', async () => storedOf(await changed(first, { relaysSum: 81n }))],
  ['signature', () => storedOf({ ...first, creditsSum: 999n, credits: 999n })],
  ['signature', () => storedOf({ ...first, gatewaySignature: first.nodeSignature })],
  ['gateway', async () => storedOf(await gatewayOf(keyNumber(9)))],
  ['node', async () => storedOf(await changed(first, {}, 2n))],
  ['node', async () => storedOf(await changed(first, { chain: 'polygon' }))],
  ['tariff', async () => storedOf(await changed(first, { tariff: first.windowRoot }))],
])('%s is left out', async (why, make) => {
  const { receipts: fitted, left } = await fit([await make(), storedOf(second)])
  expect({ left, fitted }).toEqual({ left: [why], fitted: [second] })
})

test('a session is of one node and one gateway: what another one says of it is left out', async () => {
  const { session } = first
  const other = await changed(receipts[2] ?? second, { session, gateway: first.gateway })
  const { receipts: fitted, left } = await fit([storedOf(first), storedOf(other)])
  expect({ left, fitted }).toEqual({ left: ['series'], fitted: [first] })
})

function gatewayOf(gateway: ReturnType<typeof keyNumber>): Promise<SignedReceipt> {
  if (first === undefined) throw new Error('the example has receipts')
  const keys = { gateway, node: keyNumber(100 + Number(first.nodeId)) }
  return signReceipt(deployment, { ...first, gateway: nameOf(gateway) }, keys)
}
