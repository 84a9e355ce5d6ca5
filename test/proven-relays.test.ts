import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPart } from '@mooring/onchain/contracts'
import { createDigestSigner, recoverSigner } from '@mooring/onchain/digest-signer'
import { answerData, receiptData, relayDomainOf } from '@mooring/onchain/relay-statements'
import {
  parseAnswerHeader,
  parseBatchAnswersHeader,
  type SignedAnswer,
  signedBatchMax,
} from '@mooring/protocol/relays/answers'
import { type KeptReceipt, ReceiptBook } from '@mooring/receipts/receipt-book'
import { type AgentProcess, startAgentProcess, writeKey } from '@mooring/testkit/agent'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import { generatePrivateKey } from 'viem/accounts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const chain = 'local_one'
const nodeId = '7'
const nodeKey = generatePrivateKey()
const node = createDigestSigner(nodeKey)
const member = membersOf('gateway')[0]!
// Addresses are told in lower case.
const gatewayAddress = member.address.toLowerCase() as `0x${string}`
const windowRelays = 100
let anvil: Anvil
let economy: LocalEconomy
let folder: string
let epoch: bigint

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-proven-'))
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await loadEconomy(anvil)
  epoch = await readPart(economy, 'params', 'currentEpoch', [])
  await writeFile(join(folder, 'deployment.json'), JSON.stringify(economy.deployment))
})
afterAll(async () => {
  await anvil?.[Symbol.asyncDispose]()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const agentOf = (name: string, options: { port?: number; config?: object } = {}) =>
  startAgentProcess({
    ...{ nodeId, privateKey: nodeKey, deployment: economy.deployment, rpc: anvil.url },
    ...{ chains: { [chain]: { url: anvil.url } }, directory: join(folder, name), ...options },
  })

async function gatewayOf(
  name: string,
  agent: { url: string },
  { privateKey = privateKeyOf(member), waitFor = 'ready' as 'ready' | 'health' } = {},
) {
  const { file: keyFile, password } = await writeKey(folder, privateKey)
  const identity = {
    ...{ keyFile, password, rpc: anvil.url, directory: join(folder, name) },
    deployment: join(folder, 'deployment.json'),
  }
  const upstream = {
    ...{ provider: 'p', name: 'n', url: `${agent.url}/${chain}` },
    agent: { nodeId, address: node.address },
  }
  const tiers = { community: { requestsPerSecond: 10_000, burstRequests: 10_000, batchMax: 20 } }
  const config = {
    identity,
    tiers,
    cacheBytesMax: 0,
    chains: { [chain]: { upstreams: [upstream] } },
  }
  return startGateway({ config, waitFor })
}

let asked = 0
/** Requests that each have an answer of their own. @returns How many were answered with a result. */
async function ask({ url }: { url: string }, count: number): Promise<number> {
  let answered = 0
  for (let left = count; left > 0; left -= 20) {
    const some = Array.from({ length: Math.min(20, left) }, async () => {
      const params = [`0x${(++asked).toString(16).padStart(40, '0')}`, 'latest']
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBalance', params })
      const response = await fetch(`${url}/${chain}`, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
      })
      if ('result' in Object(await response.json())) answered++
    })
    await Promise.all(some)
  }
  return answered
}

/** The last receipts of a book that a process may have open. */
function lastReceipts(name: string): KeptReceipt[] {
  const book = new ReceiptBook(join(folder, name, 'receipts.sqlite'))
  try {
    return book.lastReceiptsOf(epoch, { max: 100 })
  } finally {
    void book.close()
  }
}

const relaysIn = (name: string) =>
  lastReceipts(name).reduce((sum, { receipt }) => sum + Number(receipt.relaysSum), 0)

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited for ${what} in vain`)
    await Bun.sleep(50)
  }
}

function expectSigned(receipts: readonly KeptReceipt[]): void {
  const domain = relayDomainOf(economy.deployment)
  for (const { receipt, gatewaySignature, nodeSignature } of receipts) {
    const { digest } = receiptData(domain, receipt)
    expect(recoverSigner(digest, nodeSignature)).toBe(node.address)
    expect(recoverSigner(digest, gatewaySignature)).toBe(gatewayAddress)
  }
}

describe('what a gateway delivers of a node with an agent', () => {
  test('gets a receipt that both ends keep, signed by both, for each relay once', async () => {
    await using agent = await agentOf('both-agent')
    await using gateway = await gatewayOf('both-gateway', agent)
    expect(await ask(gateway, 2 * windowRelays + 30)).toBe(2 * windowRelays + 30)
    // What is left when it stops has its receipt, too.
    await gateway.stop()
    expect(relaysIn('both-gateway')).toBe(2 * windowRelays + 30)
    expect(lastReceipts('both-agent')).toEqual(lastReceipts('both-gateway'))
    expectSigned(lastReceipts('both-gateway'))
  })

  test('goes on over the death of either, and no number is signed twice', async () => {
    let agent: AgentProcess = await agentOf('dying-agent')
    const { port } = agent
    let gateway: GatewayProcess = await gatewayOf('dying-gateway', agent)
    await ask(gateway, windowRelays)
    await until(() => relaysIn('dying-agent') >= windowRelays, 'the first receipt')
    const asking = ask(gateway, windowRelays)
    process.kill(agent.pid, 'SIGKILL')
    await asking
    await agent.stop()
    agent = await agentOf('dying-agent', { port })
    await until(async () => (await ask(gateway, 1)) === 1, 'a session after the agent was killed')
    const before = relaysIn('dying-agent')
    await ask(gateway, windowRelays)
    await until(() => relaysIn('dying-agent') >= before + windowRelays, 'the next receipt')
    process.kill(gateway.pid, 'SIGKILL')
    await gateway.stop()
    gateway = await gatewayOf('dying-gateway', agent)
    const later = relaysIn('dying-agent')
    await ask(gateway, windowRelays)
    await gateway.stop()
    expect(relaysIn('dying-agent')).toBe(later + windowRelays)
    const [ofAgent, ofGateway] = [lastReceipts('dying-agent'), lastReceipts('dying-gateway')]
    expectSigned([...ofAgent, ...ofGateway])
    // Of a series each end may be one receipt ahead that died before the other had it; of one number both have the same.
    for (const { receipt, digest } of ofGateway) {
      const same = ofAgent.find((each) => each.receipt.session === receipt.session)
      expect(same?.receipt.number).toBeGreaterThanOrEqual(receipt.number)
      if (same?.receipt.number === receipt.number) expect(same.digest).toBe(digest)
    }
    await agent.stop()
  })

  test('is nothing where the gateway is no member of the set, and says so', async () => {
    await using agent = await agentOf('stranger-agent')
    const upstreams = async ({ adminUrl }: GatewayProcess) =>
      JSON.stringify(await (await fetch(`${adminUrl}/v1/upstreams`)).json())
    await using gateway = await startStranger(agent)
    expect(await ask(gateway, 1)).toBe(0)
    const why = 'no member of the set of gateways'
    await until(async () => (await upstreams(gateway)).includes(why), 'the reason')
    expect(await upstreams(gateway)).toContain('NO_SESSION')
  })
})

describe('a signed answer', () => {
  const sign = { 'x-mooring-sign': '1' }
  /** A request that a node may sign the answer to. */
  async function signable(account: string = member.address) {
    const { number, hash } = await economy.reader.getBlock({ blockTag: 'finalized' })
    const params = [account, `0x${number.toString(16)}`]
    return { request: { jsonrpc: '2.0', id: ++asked, method: 'eth_getBalance', params }, hash }
  }
  const post = ({ url }: { url: string }, body: unknown, headers: Record<string, string>) =>
    fetch(`${url}/${chain}`, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { 'content-type': 'application/json', ...headers },
    })
  function expectNodes(signed: SignedAnswer | undefined): void {
    if (signed === undefined) throw new Error('it is not signed')
    const numbers = { nodeId: BigInt(signed.nodeId), chainId: BigInt(signed.chainId) }
    const { digest } = answerData(relayDomainOf(economy.deployment), { ...signed, ...numbers })
    expect(recoverSigner(digest, signed.signature)).toBe(node.address)
  }
  let agent: AgentProcess
  beforeAll(async () => {
    await anvil.mine(70)
    agent = await agentOf('signing-agent')
  })
  afterAll(() => agent?.stop())

  test('reaches the consumer who asks for it, as the node has signed it', async () => {
    await using gateway = await gatewayOf('signing-gateway', agent)
    const { request, hash } = await signable()
    const header = (await post(gateway, request, sign)).headers.get('x-mooring-answer')
    const signed = parseAnswerHeader(header ?? '')
    expect(signed).toMatchObject({ method: 'eth_getBalance', blockHash: hash })
    expectNodes(signed)
    expect((await post(gateway, request, {})).headers.get('x-mooring-answer')).toBeNull()
  })

  test('stands for each member of a batch in the order of the answers', async () => {
    await using gateway = await gatewayOf('batch-gateway', agent)
    const { request } = await signable()
    const { request: other } = await signable(`0x${'77'.repeat(20)}`)
    const unsigned = { jsonrpc: '2.0', id: 'number', method: 'eth_blockNumber', params: [] }
    const response = await post(gateway, [request, unsigned, other, { no: 'request' }], sign)
    const answers = (await response.json()) as { id: unknown; result?: string }[]
    const signed = parseBatchAnswersHeader(response.headers.get('x-mooring-answer') ?? '')
    expect(answers.map(({ id }) => id)).toEqual([request.id, 'number', other.id, null])
    expect(signed).toMatchObject([{ method: 'eth_getBalance' }, undefined, {}, undefined] as object)
    for (const at of [0, 2]) {
      expectNodes(signed[at])
      expect(BigInt(signed[at]?.value ?? 0)).toBe(BigInt(answers[at]?.result ?? -1))
    }
    const many = Array.from({ length: signedBatchMax + 1 }, (_, id) => ({ ...request, id }))
    const refused = await post(gateway, many, sign)
    expect(refused.status).toBe(413)
    expect(await refused.text()).toContain('send smaller batches')
    expect((await post(gateway, many, {})).status).toBe(200)
  })

  test('that is of another answer than was given is not passed on, and counts against the node', async () => {
    const liar = Bun.serve({
      ...{ hostname: '127.0.0.1', port: 0, development: false },
      async fetch(request) {
        const { pathname } = new URL(request.url)
        const { method, headers } = request
        const told = await fetch(`${agent.url}${pathname}`, {
          method,
          headers,
          body: await request.text(),
        })
        const text = await told.text()
        const header = told.headers.get('x-mooring-answer')
        if (header === null) return new Response(text, { status: told.status })
        const lie = text.replace(/"result":"0x[0-9a-f]+"/, '"result":"0x1234"')
        return new Response(lie, { headers: { 'x-mooring-answer': header } })
      },
    })
    try {
      await using gateway = await gatewayOf('deceived-gateway', { url: liar.url.origin })
      const { request } = await signable()
      const response = await post(gateway, request, sign)
      expect(response.headers.get('x-mooring-answer')).toBeNull()
      expect(await response.text()).toContain('UPSTREAM_MALFORMED')
      const report = await (await fetch(`${gateway.adminUrl}/v1/upstreams`)).json()
      const detail = expect.stringContaining('it signs what it has not answered')
      expect(report).toMatchObject({
        chains: [{ upstreams: [{ failures: 1, lastFailure: { detail } }] }],
      })
      // Whoever does not ask for signatures is served as ever.
      expect(await (await post(gateway, request, {})).json()).toHaveProperty('result')
    } finally {
      await liar.stop(true)
    }
  })
})

/** A gateway whose key is in no set. */
async function startStranger(agent: { url: string }): Promise<GatewayProcess> {
  return gatewayOf('stranger-gateway', agent, {
    privateKey: generatePrivateKey(),
    waitFor: 'health',
  })
}
