import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { signerSetsAbi } from '@mooring/abis/signer-sets'
import { readPart } from '@mooring/onchain/contracts'
import { signerRoleNames } from '@mooring/onchain/deploy/settings'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import { type AgentProcess, startAgentProcess } from '@mooring/testkit/agent'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { membersOf, officer, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { type Address, encodeFunctionData, type Hex, toHex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { createGatewayScript } from './gateway-script.fixtures.ts'

setDefaultTimeout(60_000)

const nodeId = '7'
const chain = 'local_one'
const role = signerRoleNames.indexOf('gateway') + 1
let anvil: Anvil
let economy: LocalEconomy
let agent: AgentProcess

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await loadEconomy(anvil)
  agent = await startAgentProcess({
    ...{ nodeId, privateKey: generatePrivateKey(), deployment: economy.deployment },
    ...{ rpc: anvil.url, chains: { [chain]: { url: anvil.url } } },
  })
})
afterAll(async () => {
  await agent?.stop()
  await anvil?.[Symbol.asyncDispose]()
})

test('a gateway that leaves the set loses its session, and the others keep theirs', async () => {
  const [leaver, ...others] = membersOf('gateway')
  const epoch = await readPart(economy, 'params', 'currentEpoch', [])
  const scriptOf = (member: typeof leaver) =>
    createGatewayScript({
      ...{ url: agent.url, deployment: economy.deployment, nodeId, chain, epoch },
      // The set has members, and no receipt is asked for here.
      ...{ privateKey: privateKeyOf(member!), tariff: `0x${'00'.repeat(32)}` },
    })
  const [leaving, staying] = [scriptOf(leaver), scriptOf(others[0])]
  const [left, kept] = [await leaving.open(), await staying.open()]
  expect((await left.relay('eth_chainId', [])).response.status).toBe(200)
  await install(others.map(({ address }) => address))
  await until(async () => (await left.relay('eth_chainId', [])).response.status === 401)
  const body = await (await leaving.offer()).body
  expect(body).toMatchObject({ error: 'no-member' })
  expect((await kept.relay('eth_chainId', [])).response.status).toBe(200)
  const unknown = { method: 'POST', body: '{}', headers: { [relayHeaders.session]: left.token } }
  expect((await fetch(`${agent.url}/${chain}`, unknown)).status).toBe(401)
})

/** As governance would, after its delays. */
async function install(members: readonly Address[]): Promise<void> {
  const { timelock, signerSets } = economy.deployment.parts
  const announce = encodeFunctionData({
    abi: signerSetsAbi,
    functionName: 'announceSet',
    args: [role, members, members.length],
  })
  await send(timelock, signerSets, announce)
  const [, , installableAt] = await readPart(economy, 'signerSets', 'announcedOf', [role])
  await anvil.ask('evm_setNextBlockTimestamp', [toHex(installableAt)])
  const call = { abi: signerSetsAbi, functionName: 'installSet', args: [role] } as const
  await send(officer('deployer').address, signerSets, encodeFunctionData(call))
}

async function send(from: Address, to: Address, data: Hex): Promise<void> {
  await anvil.ask('anvil_impersonateAccount', [from])
  await anvil.ask('anvil_setBalance', [from, toHex(10n ** 20n)])
  // A hash, as its interface says.
  const hash = (await anvil.ask('eth_sendTransaction', [
    { from, to, data, gas: '0x4c4b40' },
  ])) as Hex
  const { status } = await economy.reader.waitForTransactionReceipt({ hash, pollingInterval: 10 })
  if (status !== 'success') throw new Error('the transaction failed')
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come to be so')
    await Bun.sleep(50)
  }
}
