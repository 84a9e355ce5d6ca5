import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { endpointProblem } from '@mooring/onchain/endpoints'
import { parseNodeMetadata, textOfDataUri } from '@mooring/onchain/node-metadata'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { player, privateKeyOf } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { openFolder, runCommand } from '../../context.fixtures.ts'

// Other tests may be running beside these.
setDefaultTimeout(30_000)

const url = 'https://node.example/{chain}'
const nodeKey = player(8)
let anvil: Anvil
let economy: LocalEconomy
let folder: ReturnType<typeof openFolder>

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  economy = await loadEconomy(anvil)
  folder = openFolder()
  const deployment = join(folder.path, 'deployment.json')
  writeFileSync(deployment, formatDeployment(economy.deployment))
  mkdirSync(join(folder.path, '.mooring'))
  const network = { economy: { rpc: economy.rpc, deployment } }
  writeFileSync(join(folder.path, '.mooring/network.json'), JSON.stringify(network))
  await run(['provider', 'register', '--commission', '10%', '--yes'])
  const node = ['--type', 'full', '--url', url, '--chains', 'eth,bsc']
  const registered = await run(['node', 'register', '1', ...node, '--yes'])
  expect(registered.exitCode).toBe(0)
})
afterAll(async () => {
  folder?.[Symbol.dispose]()
  await anvil?.stop()
})

function run(args: readonly string[], signer = nodeKey) {
  const env = {
    MOORING_PRIVATE_KEY: privateKeyOf(player(1)),
    MOORING_NODE_PRIVATE_KEY: privateKeyOf(signer),
  }
  return runCommand(args, { cwd: folder.path, env })
}

const endpoint = (...args: string[]) => run(['node', 'endpoint', '1', '--url', url, ...args])

async function problemOf(document: string): Promise<string | undefined> {
  const [{ signingKey }, { urlHash }] = await Promise.all([
    readPart(economy, 'registry', 'nodeOf', [1n]),
    readPart(economy, 'registry', 'profileOf', [1n]),
  ])
  const [first] = parseNodeMetadata(document).endpoints
  if (first === undefined) throw new Error('it names no endpoint')
  return await endpointProblem(economy.deployment, first, { signingKey, urlHash })
}

describe('node endpoint', () => {
  test('writes what gateways believe, with what a provider says of itself', async () => {
    const { exitCode, stdout, stderr } = await endpoint('--name', 'Node Works')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      mooring: 1,
      name: 'Node Works',
      endpoints: [{ nodeId: '1', url }],
    })
    expect(await problemOf(stdout)).toBeUndefined()
  })

  test('says and signs that an agent stands before the node, and that it serves everybody', async () => {
    const [plain, both] = [await endpoint(), await endpoint('--agent', '--community')]
    expect(parseNodeMetadata(plain.stdout).endpoints).toMatchObject([
      { agent: false, community: false },
    ])
    expect(parseNodeMetadata(both.stdout).endpoints).toMatchObject([
      { agent: true, community: true },
    ])
    expect(await problemOf(both.stdout)).toBeUndefined()
  })

  test('writes a URI that the chain takes as metadata', async () => {
    const { stdout } = await endpoint('--data-uri')
    const node = ['--type', 'full', '--url', url, '--chains', 'eth,bsc']
    const args = ['node', 'profile', '1', ...node, '--metadata', stdout.trim(), '--yes']
    expect((await run(args)).exitCode).toBe(0)
    const { metadataUri } = await readPart(economy, 'registry', 'profileOf', [1n])
    expect(await problemOf(textOfDataUri(metadataUri) ?? '')).toBeUndefined()
  })

  test('adds to a document, and replaces what that says of the node unless it is to stand beside', async () => {
    const file = join(folder.path, 'nodes.json')
    const endpoints = ['1', '2'].map((nodeId) => ({ nodeId, url: 'https://x/', signature: '0x00' }))
    writeFileSync(file, JSON.stringify({ mooring: 1, contact: 'ops@node.example', endpoints }))
    const named = async (...args: string[]) => {
      const { stdout } = await endpoint('--document', 'nodes.json', ...args)
      const { contact, endpoints: all } = parseNodeMetadata(stdout)
      expect(contact).toBe('ops@node.example')
      return all.map(({ nodeId, url: at }) => `${nodeId} ${at}`)
    }
    expect(await named()).toEqual(['2 https://x/', `1 ${url}`])
    expect(await named('--beside')).toEqual(['1 https://x/', '2 https://x/', `1 ${url}`])
  })

  test('says what the chain still has to be told', async () => {
    const other = 'https://other.example/'
    const { exitCode, stderr } = await run(['node', 'endpoint', '1', '--url', other], player(7))
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`The key of node 1 on chain is ${nodeKey.address}`)
    expect(stderr).toContain('Node 1 has another URL on chain than https://other.example/')
  })

  test.each([
    [['1', '--url', 'wss://node.example'], '--url is no https:// URL'],
    [['1', '--url', 'node'], '--url is no https:// URL'],
    [['9', '--url', url], 'There is no node 9'],
    [['1', '--url', url, '--document', 'absent.json'], 'There is no file'],
    [['1', '--url', url, '--document', 'deployment.json'], 'is no document of nodes: mooring is'],
    [
      ['1', '--url', url, '--data-uri', '--name', 'n'.repeat(200)],
      'bytes as a URI, and the chain takes 512',
    ],
  ])('refuses %p', async (args, why) => {
    const { exitCode, stdout, stderr } = await run(['node', 'endpoint', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(why)
  })
})
