import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { smallInputs } from '@mooring/market/settlement/epoch.fixtures'
import { asPrevious, type EpochFile } from '@mooring/market/settlement/epoch-data'
import { createEpochFile, encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { keyNumber, nameOf, signReceipt } from '@mooring/onchain/epoch.fixtures'
import { ascending, epochData } from '@mooring/onchain/signed'
import { type EpochWish, settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { membersOf, player } from '@mooring/testkit/economy/people'
import { openNode, openProvider } from '@mooring/testkit/economy/providers'
import { type Files, keccak, signatureOf, startFiles } from '@mooring/testkit/settlement-files'
import { createSeats, type Seat, type Seats } from '@mooring/testkit/verifier-seats'
import { type Hex, recoverTypedDataAddress } from 'viem'
import { lowerCase } from '../chain/lower-case.ts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const stack = new AsyncDisposableStack()
const gateways = ascending(membersOf('gateway'))
const keyOfNode = (nodeId: bigint) => keyNumber(100 + Number(nodeId))
/** Of the small epoch's nodes number 5 is the second provider's. */
const providerOf = (nodeId: bigint) => (nodeId === 5n ? 2n : 1n)
let chain: DepositChain
let files: Files
let table: Seats
let first: Seat
/** Right in every respect. */
let inputs: EpochInputs
beforeAll(async () => {
  chain = stack.use(await openDepositChain())
  files = stack.use(startFiles())
  table = stack.use(await createSeats(chain, { settlement: { billingUrl: files.url } }))
  first = table.seats[0]
  const economy = { ...chain.system, rpc: chain.anvil.url }
  for (const owner of [player(1), player(2)]) await openProvider(economy, owner, { nodes: 1 })
  for (const nodeId of [1n, 2n, 3n, 4n, 5n]) {
    const providerId = providerOf(nodeId)
    const owner = player(Number(providerId))
    const url = `http://127.0.0.1:1/${nodeId}`
    const plan = { providerId, owner, key: keyOfNode(nodeId), url, chains: ['eth', 'bsc'] }
    await openNode(economy, plan)
  }
  const give = callPart(economy, 'ankr', 'transfer', [economy.deployment.parts.distributor, 1_000n])
  await chain.send(player(1).address, give)
  await chain.send(player(1).address, callPart(economy, 'distributor', 'fund', []))
  await endEpoch()
  inputs = await inputsFrom(null)
  await Promise.all(table.seats.slice(0, 2).map((seat) => seat.start()))
})
afterAll(() => stack.disposeAsync())
afterEach(() => {
  for (const node of chain.nodes) node.beHonest()
})

async function endEpoch(): Promise<void> {
  const { system, anvil } = chain
  const current = await readPart(system, 'params', 'currentEpoch', [])
  const start = await readPart(system, 'params', 'epochStart', [current + 1n])
  const { timestamp } = await system.reader.getBlock()
  await anvil.ask('evm_increaseTime', [Number(start - timestamp) + 5])
  await anvil.mine(2)
}

/** The small epoch, as if it had happened on this chain. */
async function inputsFrom(previous: EpochInputs['previous']): Promise<EpochInputs> {
  const { reader, deployment } = chain.system
  const { number: block, hash } = await reader.getBlock()
  const at = { blockNumber: block }
  const number = (await readPart(chain.system, 'params', 'currentEpoch', [], at)) - 1n
  const from = previous === null ? 0n : previous.number + 1n
  const { hash: tariff } = await readPart(chain.system, 'priceBook', 'tableAt', [number], at)
  const { parts, chainId } = deployment
  const contracts = {
    ...{ chainId, registry: lowerCase(parts.registry), epochs: lowerCase(parts.epochs) },
    distributor: lowerCase(parts.distributor),
    ...{ ankrEscrow: lowerCase(parts.ankrEscrow), stableEscrow: lowerCase(parts.stableEscrow) },
  }
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('there are gateways')
  const receipts = smallInputs.receipts.map((receipt) => {
    const { gatewaySignature: _gateway, nodeSignature: _node, ...unsigned } = receipt
    const made = { ...unsigned, tariff, epoch: number, gateway: nameOf(gateway) }
    return signReceipt(contracts, made, { gateway, node: keyOfNode(receipt.nodeId) })
  })
  return {
    ...smallInputs,
    ...{ deployment: contracts, previous, receipts: await Promise.all(receipts) },
    epoch: {
      number,
      from: await readPart(chain.system, 'params', 'epochStart', [from], at),
      to: await readPart(chain.system, 'params', 'epochStart', [number + 1n], at),
    },
    state: {
      ...{ block, hash },
      fundedTotal: await readPart(chain.system, 'distributor', 'fundedTotal', [], at),
    },
    tariffs: [{ fromEpoch: from, hash: tariff }],
    gateways: gateways.map(nameOf).sort(),
    nodes: [1n, 2n, 5n].map((nodeId) => ({
      ...{ nodeId, providerId: providerOf(nodeId), keys: [nameOf(keyOfNode(nodeId))] },
    })),
  }
}

async function serve(file: EpochFile): Promise<EpochWish> {
  const { dataHash, epoch } = file.roots
  files.files.set(settlementPaths.epochFile(dataHash), encodeEpochFile(file))
  const attempt = await readPart(chain.system, 'epochs', 'attempt', [])
  return { kind: 'epoch', epoch: String(epoch), attempt: String(attempt), dataHash }
}

const made = (given: EpochInputs) => createEpochFile(given, keccak)
const reasonsOf = async (wish: EpochWish, seat = first) => {
  const answer = await signatureOf(seat, wish)
  return answer.state === 'refused' ? answer.reasons.join('\n') : answer.state
}

const wrongHash: Hex = `0x${'5'.repeat(64)}`

test.each<[string, (right: EpochInputs) => Partial<EpochInputs>, string]>([
  [
    'with another rule of quality',
    ({ quality }) => ({ quality: { ...quality, latePpm: 1n } }),
    'data.quality.latePpm: expected 250000, found 1',
  ],
  [
    'of another branch',
    ({ state }) => ({ state: { ...state, hash: wrongHash } }),
    'data.state.hash: expected 0x',
  ],
  [
    'of a block that there is not yet',
    ({ state }) => ({ state: { ...state, block: state.block + 99n } }),
    'data.state.block: expected at most',
  ],
  [
    'with more funds than there are',
    ({ state }) => ({ state: { ...state, fundedTotal: 5_000n } }),
    'data.state.fundedTotal: expected 1000, found 5000',
  ],
  [
    'of other contracts',
    ({ deployment }) => ({ deployment: { ...deployment, ankrEscrow: `0x${'5'.repeat(40)}` } }),
    'data.deployment.ankrEscrow: expected 0x',
  ],
  [
    'with a node of another provider',
    ({ nodes }) => ({ nodes: nodes.map((node) => ({ ...node, providerId: 7n })) }),
    'data.nodes[0].providerId: expected 1, found 7',
  ],
  [
    'with a receipt of another signer',
    ({ receipts }) => ({
      receipts: receipts.map((one) => ({ ...one, nodeSignature: one.gatewaySignature })),
    }),
    'data.receipts[0].nodeSignature: expected one by a key of node 1',
  ],
])('an epoch %s is not signed', async (_what, change, says) => {
  const wish = await serve(made({ ...inputs, ...change(inputs) }))
  expect(await reasonsOf(wish)).toContain(says)
})

test('a payout that does not follow is not signed', async () => {
  const file = made({ ...inputs, gateways: inputs.gateways.slice(0, 1) })
  const payouts = file.data.payouts.map((payout) => ({ ...payout, amount: payout.amount + 1n }))
  const wish = await serve({ ...file, data: { ...file.data, payouts } })
  expect(await reasonsOf(wish)).toContain('data.payouts[0].amount: expected')
})

test('an epoch that has not ended, another attempt, another file and none are not signed', async () => {
  const wish = await serve(made(inputs))
  const { dataHash } = wish
  const current = await readPart(chain.system, 'params', 'currentEpoch', [])
  expect(await reasonsOf({ ...wish, epoch: String(current) })).toContain('has not ended')
  expect(await reasonsOf({ ...wish, attempt: '7' })).toContain('the next attempt to post')
  expect(await reasonsOf({ ...wish, dataHash: wrongHash })).toContain('has no file')
  const text = files.files.get(settlementPaths.epochFile(dataHash)) ?? ''
  const other: Hex = `0x${'6'.repeat(64)}`
  files.files.set(settlementPaths.epochFile(other), text)
  expect(await reasonsOf({ ...wish, dataHash: other })).toContain(`sent the file ${dataHash}`)
})

test('one source that says otherwise is enough for a refusal', async () => {
  const wish = await serve(made(inputs))
  chain.nodes[1].lie((method, result, [asked]) => {
    const isState =
      method === 'eth_getBlockByNumber' && Number(asked) === Number(inputs.state.block)
    return isState ? { ...(result as object), hash: wrongHash } : result
  })
  expect(await reasonsOf(wish)).toContain('do not say the same')
})

test('what is right is signed once for an attempt, posted, and the next goes out from it', async () => {
  const file = made(inputs)
  const wish = await serve(file)
  const answers = await Promise.all(table.seats.slice(0, 2).map((seat) => untilSigned(seat, wish)))
  const statement = { ...file.roots, attempt: BigInt(wish.attempt) }
  const data = epochData(chain.system.deployment, statement)
  for (const { signature, signer } of answers) {
    expect(await recoverTypedDataAddress({ ...data, signature })).toBe(signer)
  }

  // The same epoch with a gateway less says something else; a restart forgets nothing.
  const other = await serve(made({ ...inputs, gateways: inputs.gateways.slice(0, 2) }))
  const taken = `has signed another file in its place: ${file.roots.dataHash}`
  expect(await reasonsOf(other)).toContain(taken)
  await first.stop()
  await first.start()
  expect(await reasonsOf(other)).toContain(taken)

  const sorted = answers.sort((one, two) => (BigInt(one.signer) < BigInt(two.signer) ? -1 : 1))
  const signatures = sorted.map(({ signature }) => signature)
  const call = callPart(chain.system, 'epochs', 'post', [file.roots, signatures])
  expect((await chain.send(player(1).address, call)).status).toBe('success')
  const late = { ...wish, dataHash: `0x${'7'.repeat(64)}` } as const
  expect(await reasonsOf(late)).toContain('the one posted last is')

  await endEpoch()
  const stale = await serve(made(await inputsFrom(null)))
  expect(await reasonsOf(stale)).toContain(`data.previous: expected ${wish.epoch}, found none`)
  const next = await serve(made(await inputsFrom(asPrevious(file))))
  await untilSigned(first, next)
})

/** A refusal of before is kept for some seconds. */
async function untilSigned(seat: Seat, wish: EpochWish) {
  for (;;) {
    const answer = await signatureOf(seat, wish)
    if (answer.state === 'signed') return answer
    if (answer.state === 'refused' && !answer.reasons.join().includes('do not say the same')) {
      throw new Error(answer.reasons.join('\n'))
    }
    await Bun.sleep(200)
  }
}
