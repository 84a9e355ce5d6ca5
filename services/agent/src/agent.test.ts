import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { bundledTables } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { readPart } from '@mooring/onchain/contracts'
import { createDigestSigner, recoverSigner } from '@mooring/onchain/digest-signer'
import {
  answerData,
  receiptData,
  relayDomainOf,
  sessionGrantData,
} from '@mooring/onchain/relay-statements'
import { parseAnswerHeader } from '@mooring/protocol/relays/answers'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import { type AgentProcess, startAgentProcess } from '@mooring/testkit/agent'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { encodeAbiParameters, getAddress, type Hex, keccak256, parseAbiParameters } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { createGatewayScript, type GatewayScript } from './gateway-script.fixtures.ts'

setDefaultTimeout(60_000)

const nodeId = '7'
const chain = 'local_one'
const nodeKey = generatePrivateKey()
const node = createDigestSigner(nodeKey)
let anvil: Anvil
let economy: LocalEconomy
let agent: AgentProcess
let gateway: GatewayScript
let epoch: bigint
let tariff: Hex

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await loadEconomy(anvil)
  epoch = await readPart(economy, 'params', 'currentEpoch', [])
  tariff = (await readPart(economy, 'priceBook', 'current', [])).hash
  agent = await startAgent()
  gateway = scriptOf(agent)
})
afterAll(async () => {
  await agent?.stop()
  await anvil?.[Symbol.asyncDispose]()
})

const startAgent = (options: { port?: number; directory?: string } = {}) =>
  startAgentProcess({
    ...{ nodeId, privateKey: nodeKey, deployment: economy.deployment, rpc: anvil.url },
    chains: { [chain]: { url: anvil.url } },
    ...options,
  })
const scriptOf = ({ url }: { url: string }, privateKey = memberKey(0)) =>
  createGatewayScript({
    ...{ url, deployment: economy.deployment, privateKey, nodeId, chain, epoch, tariff },
  })
const memberKey = (at: number) => privateKeyOf(membersOf('gateway')[at]!)
const priceOf = (method: string) =>
  BigInt(
    createPricing([...bundledTables.values()][0]!.table).priceOf({
      ...{ family: 'evm', method, transport: 'http' },
    }),
  )

describe('a session', () => {
  test('is opened for a member of the set, signed by the key of the node', async () => {
    const { grant } = await gateway.open()
    const { digest } = sessionGrantData(relayDomainOf(economy.deployment), grant)
    expect(recoverSigner(digest, grant.signature)).toBe(node.address)
  })

  test('is refused to who is no member, who signs for another, comes late or comes twice', async () => {
    const refusal = (answer: { status: number; body: unknown }) => [
      answer.status,
      Object(answer.body).error,
    ]
    const stranger = scriptOf(agent, generatePrivateKey())
    expect(refusal(await stranger.offer())).toEqual([403, 'no-member'])
    const other = membersOf('gateway')[1]!.address.toLowerCase() as Hex
    expect(refusal(await gateway.offer({ gateway: other }))).toEqual([403, 'wrong-signature'])
    const late = Math.floor(Date.now() / 1_000) - 60
    expect(refusal(await gateway.offer({ issuedAt: late }))).toEqual([409, 'wrong-time'])
    expect(refusal(await gateway.offer({ nodeId: '8' }))).toEqual([409, 'other-node'])
    const nonce: Hex = `0x${'5a'.repeat(32)}`
    expect(refusal(await gateway.offer({ nonce }))[0]).toBe(200)
    expect(refusal(await gateway.offer({ nonce }))).toEqual([409, 'replayed'])
    // A point that gives everybody the same secret.
    expect(refusal(await gateway.offer({ key: `0x${'00'.repeat(32)}` }))[0]).toBe(400)
  })

  test('is what a request needs: without one nothing reaches the node', async () => {
    const before = await metric('agent_strangers_total')
    for (const token of [undefined, 'x', `${'A'.repeat(43)}.${'A'.repeat(43)}`]) {
      const headers = token === undefined ? {} : { [relayHeaders.session]: token }
      const response = await fetch(`${agent.url}/${chain}`, { method: 'POST', body: '{}', headers })
      expect(response.status).toBe(401)
    }
    expect(await metric('agent_strangers_total')).toBe(before + 3)
  })
})

describe('a receipt', () => {
  test('is signed over what was served, at its price, and goes on from the one before', async () => {
    const session = await gateway.open()
    for (let number = 1n; number <= 3n; number++) {
      const paid = await served(session, 'eth_chainId', 5)
      const free = await served(session, 'eth_blockNumber', 2)
      const draft = session.draft({ paid, free, credits: 5n * priceOf('eth_chainId') })
      expect(draft.receipt.number).toBe(number)
      const { status, body } = await session.propose(draft)
      expect(status).toBe(200)
      const { digest } = receiptData(relayDomainOf(economy.deployment), draft.receipt)
      expect(recoverSigner(digest, body.signature as Hex)).toBe(node.address)
      // The same is answered the same.
      expect((await session.propose(draft)).body).toEqual(body)
    }
  })

  test('is refused where anything in it is not so', async () => {
    const session = await gateway.open()
    const paid = await served(session, 'eth_chainId', 3)
    const credits = 3n * priceOf('eth_chainId')
    const refusals = async (changes: object, leaves: object = { paid, credits }) => {
      const { status, body } = await session.propose(session.draft(leaves, changes))
      return [status, body.error]
    }
    const other: Hex = `0x${'cd'.repeat(32)}`
    expect(await refusals({ number: 2n })).toEqual([409, 'wrong-number'])
    expect(await refusals({ relaysSum: 4n })).toEqual([409, 'wrong-sums'])
    expect(await refusals({ creditsSum: credits + 1n })).toEqual([409, 'wrong-sums'])
    expect(await refusals({ windowRoot: other })).toEqual([409, 'wrong-root'])
    expect(await refusals({ accumulator: other })).toEqual([409, 'wrong-root'])
    expect(await refusals({ tariff: other })).toEqual([409, 'wrong-tariff'])
    expect(await refusals({ epoch: epoch + 5n })).toEqual([409, 'wrong-epoch'])
    expect(await refusals({ session: other })).toEqual([410, 'no-session'])
    expect(await refusals({ nodeId: 8n })).toEqual([409, 'other-session'])
    expect(await refusals({}, { paid, credits: credits - 1n })).toEqual([409, 'wrong-credits'])
    expect(await refusals({}, { paid, credits: credits + 1n })).toEqual([409, 'wrong-credits'])
    const claimed = [...paid, 'z'.repeat(32)]
    const more = { paid: claimed, credits: credits + priceOf('eth_chainId') }
    expect(await refusals({}, more)).toEqual([409, 'unknown-leaf'])
    const draft = session.draft({ paid, credits })
    const byAnother = scriptOf(agent, memberKey(1)).signer.sign(
      receiptData(relayDomainOf(economy.deployment), draft.receipt).digest,
    )
    expect((await session.propose(draft, byAnother)).body.error).toBe('wrong-signature')
    expect((await session.propose(draft)).status).toBe(200)
    // They have a receipt now.
    expect(await refusals({}, { paid, credits })).toEqual([409, 'unknown-leaf'])
    const [again] = await served(session, 'eth_chainId', 1)
    const conflict = session.draft(
      { free: [again!] },
      { number: 1n, relaysSum: 1n, creditsSum: 0n },
    )
    expect((await session.propose(conflict)).body.error).toBe('wrong-number')
  })

  test('is for relays of the session that served them, and for no probes', async () => {
    const [one, other] = [await gateway.open(), await gateway.open()]
    const free = await served(one, 'eth_chainId', 1)
    expect((await other.propose(other.draft({ free }))).body.error).toBe('unknown-leaf')
    const { leaf } = await one.relay('eth_chainId', [], { [relayHeaders.probe]: '1' })
    expect((await one.propose(one.draft({ free: [leaf] }))).body.error).toBe('unknown-leaf')
    expect((await one.propose(one.draft({ free }))).status).toBe(200)
  })

  test('of a number stays the only one, though the agent is killed at any time', async () => {
    const first = await startAgent()
    const session = await scriptOf(first).open()
    const free = await served(session, 'eth_chainId', 2)
    const draft = session.draft({ free })
    const answer = await session.propose(draft)
    expect(answer.status).toBe(200)
    const more = await served(session, 'eth_chainId', 4)
    const next = session.draft({ free: more })
    // Killed amid the next one: whether it was signed is for nobody to know.
    const dying = session.propose(next).catch(() => undefined)
    process.kill(first.pid, 'SIGKILL')
    const last = await dying
    await using again = await startAgent({ port: first.port, directory: first.directory })
    expect((await session.propose(draft)).body).toEqual(answer.body)
    const repeated = await session.propose(next)
    if (last?.status === 200) expect(repeated).toEqual(last)
    else expect([200, 410]).toContain(repeated.status)
    const changed = session.draft(
      { free: [more[0]!] },
      { ...next.receipt, windowRoot: `0x${'ab'.repeat(32)}`, relays: 1n },
    )
    expect((await session.propose(changed)).status).toBe(410)
    const { receipts } = (await (await fetch(`${again.adminUrl}/v1/report`)).json()) as {
      receipts: { windows: number }
    }
    expect(receipts.windows).toBe(repeated.status === 200 ? 2 : 1)
    await first.stop()
  })
})

describe('what is passed on', () => {
  test('is one request in the form of a gateway, as the node answers it', async () => {
    const { token, relay } = await gateway.open()
    expect(JSON.parse((await relay('eth_chainId', [])).text)).toMatchObject({ result: '0x7a69' })
    expect(JSON.parse((await relay('no_such', [])).text).error).toMatchObject({ code: -32601 })
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
    const odd = [
      ...[
        '[]',
        '{}',
        `[${body}]`,
        ` ${body}`,
        `${body} `,
        body.replace('"params":[]', '"params":1'),
      ],
      body.replace('[]', '[],"method":"eth_call"'),
      body.replace('[]', '[]}{'),
      body.replace('"method"', '"Method"'),
      body.replace('"eth_chainId"', '"eth_chainId","METHOD":"debug_traceBlock"'),
    ]
    for (const text of odd) {
      const init = { method: 'POST', body: text, headers: { [relayHeaders.session]: token } }
      expect((await fetch(`${agent.url}/${chain}`, init)).status, text).toBe(400)
    }
  })
})

describe('a signed answer', () => {
  test('says what the node says of a final block, as viem encodes it', async () => {
    await anvil.mine(70)
    const { relay } = await gateway.open()
    const reader = economy.reader
    const block = await reader.getBlock({ blockTag: 'finalized' })
    const number = `0x${block.number.toString(16)}`
    const { ankr: token } = economy.deployment.parts
    const account = membersOf('gateway')[0]!.address
    const proof = await reader.getProof({
      ...{ address: token, storageKeys: [`0x${'00'.repeat(32)}`], blockNumber: block.number },
    })
    const wealth = await reader.getProof({
      ...{ address: account, storageKeys: [], blockNumber: block.number },
    })
    const address = encodeAbiParameters(parseAbiParameters('address'), [token])
    const holder = encodeAbiParameters(parseAbiParameters('address'), [account])
    const word = (value: bigint) => encodeAbiParameters(parseAbiParameters('uint256'), [value])
    const cases: { method: string; params: unknown[]; said: { params: Hex; value: Hex } }[] = [
      {
        ...{ method: 'eth_getBalance', params: [account, number] },
        said: { params: holder, value: word(wealth.balance) },
      },
      {
        ...{ method: 'eth_getTransactionCount', params: [account, number] },
        said: { params: holder, value: word(BigInt(wealth.nonce)) },
      },
      {
        ...{ method: 'eth_getCode', params: [token, { blockHash: block.hash }] },
        said: { params: address, value: proof.codeHash },
      },
      {
        ...{ method: 'eth_getStorageAt', params: [getAddress(token), '0x0', number] },
        said: { params: `${address}${'00'.repeat(32)}`, value: word(proof.storageProof[0]!.value) },
      },
      {
        ...{ method: 'eth_getBlockByNumber', params: [number, false] },
        said: { params: word(block.number), value: block.hash },
      },
    ]
    for (const { method, params, said } of cases) {
      const { response } = await relay(method, params, { [relayHeaders.sign]: '1' })
      const signed = parseAnswerHeader(response.headers.get(relayHeaders.answer) ?? '')
      expect(signed, method).toMatchObject({ method, chainId: '31337', nodeId, ...said })
      if (signed === undefined) throw new Error('it is not signed')
      expect(signed.blockHash).toBe(block.hash)
      const statement = {
        ...signed,
        nodeId: BigInt(signed.nodeId),
        chainId: BigInt(signed.chainId),
      }
      const domain = relayDomainOf(economy.deployment)
      const signerOf = (changes: object) =>
        recoverSigner(answerData(domain, { ...statement, ...changes }).digest, signed.signature)
      expect(signerOf({})).toBe(node.address)
      expect(signerOf({ value: keccak256(signed.value) })).not.toBe(node.address)
    }
  })

  test('is given for no block that could still be another, and for nothing that is not asked for', async () => {
    const { relay } = await gateway.open()
    const account = membersOf('gateway')[0]!.address
    const head = await economy.reader.getBlockNumber()
    for (const block of ['latest', 'finalized', `0x${head.toString(16)}`, '0xffffff']) {
      const { response } = await relay('eth_getBalance', [account, block], {
        [relayHeaders.sign]: '1',
      })
      expect(response.headers.get(relayHeaders.answer), block).toBeNull()
    }
    const call = await relay('eth_chainId', [], { [relayHeaders.sign]: '1' })
    expect(call.response.headers.get(relayHeaders.answer)).toBeNull()
    const unasked = await relay('eth_getBalance', [account, '0x1'])
    expect(unasked.response.headers.get(relayHeaders.answer)).toBeNull()
  })
})

async function served(
  session: Awaited<ReturnType<GatewayScript['open']>>,
  method: string,
  count: number,
): Promise<string[]> {
  const relays = Array.from({ length: count }, () => session.relay(method, []))
  return (await Promise.all(relays)).map(({ leaf }) => leaf)
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${agent.adminUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}
