import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { partNames } from '@mooring/onchain/deploy/plan'
import { writeKey } from '@mooring/testkit/agent'
import fc from 'fast-check'
import { generatePrivateKey } from 'viem/accounts'
import { redactedConfig } from './admin/redacted-config.ts'
import { loadConfig, parseConfig } from './config-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'mooring-config-'))
afterAll(() => rm(folder, { recursive: true }))

async function load(text: string, environment: Record<string, string> = {}, name = 'gateway.yaml') {
  const file = join(folder, name)
  await writeFile(file, text)
  return await loadConfig(file, environment)
}

const smallest = `chains:
  eth:
    upstreams:
      - { provider: alpha, name: one, url: "https://node.example/\${SECRET}" }
`

describe('a configuration file', () => {
  test('of one chain and one upstream is enough, and has the published limits', async () => {
    const loaded = await load(smallest, { SECRET: 'abc' })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { config } = loaded
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8545, shared: false })
    expect(config.tiers.community).toEqual({
      requestsPerSecond: 30,
      burstRequests: 60,
      inFlightMax: 64,
      batchMax: 10,
      logsRangeBlocksMax: 1_000,
      inFlightShareMaxPercent: 80,
      traceAndDebug: false,
      pools: [],
    })
    expect(config).toMatchObject({ bodyBytesMax: 1_048_576, paramsDepthMax: 32 })
    expect(config.chains[0]?.upstreams[0]?.url).toBe('https://node.example/abc')
    expect(config.chains[0]?.pollIntervalMs).toBe(6_000)
  })

  describe('with a market', () => {
    const address = `0x${'11'.repeat(20)}`
    const deployment = JSON.stringify({
      ...{ chainId: 1, deployer: address, firstBlock: 1, guardian: address, admissions: address },
      ...{ delaySeconds: 1, proposers: [], executors: [] },
      parts: Object.fromEntries(partNames.map((name) => [name, address])),
    })
    const market = (rest = '') =>
      `market: { deployment: "${join(folder, 'deployment.json')}", rpcUrls: ["https://rpc.example/key"] }\n${rest}`
    const withoutUpstreams = 'chains: { eth: {} }\n'
    beforeAll(() => writeFile(join(folder, 'deployment.json'), deployment))

    test('needs no upstreams, and knows where the contracts are', async () => {
      const loaded = await load(market(withoutUpstreams))
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
      expect(loaded.config).toMatchObject({
        deployment: { chainId: 1 },
        market: { confirmationBlocks: 2, allowPrivateAddresses: false },
        chains: [{ upstreams: [] }],
      })
      expect(JSON.stringify(redactedConfig(loaded.config))).not.toContain('rpc.example/key')
    })

    test('says what to do where there are no upstreams and no market', async () => {
      expect(await load(withoutUpstreams)).toMatchObject({
        ok: false,
        problems: [
          {
            path: 'chains.eth.upstreams',
            message:
              'at least one upstream; or set market, and nodes that are registered on chain serve it',
          },
        ],
      })
    })

    test('keeps the names of providers of the settlement chain for them', async () => {
      const upstreams =
        'chains: { eth: { upstreams: [{ provider: p1, name: a, url: "http://x" }] } }\n'
      expect((await load(upstreams)).ok).toBe(true)
      expect(await load(market(upstreams))).toMatchObject({
        ok: false,
        problems: [{ path: 'chains.eth.upstreams[0].provider' }],
      })
    })

    test('is refused when its deployment is none, or another than that of access', async () => {
      const other = `
access:
  chainId: 2
  ankrEscrow: "${address}"
  verifiers: [{ url: "https://verifier.example", address: "${address}" }]
  threshold: 1
`
      const refused = { ok: false, problems: [{ path: 'market.deployment' }] }
      expect(await load(market(withoutUpstreams + other))).toMatchObject(refused)
      const fitting = other.replace('chainId: 2', 'chainId: 1')
      expect((await load(market(withoutUpstreams + fitting))).ok).toBe(true)
      const absent = market(withoutUpstreams).replace('deployment.json', 'absent.json')
      expect(await load(absent)).toMatchObject(refused)
    })

    test('is refused where the identity names another deployment', async () => {
      const { file, password } = await writeKey(folder, generatePrivateKey())
      const elsewhere = join(folder, 'elsewhere.json')
      await writeFile(elsewhere, deployment.replace('"chainId":1', '"chainId":2'))
      const identity = (named: string) =>
        `identity: { keyFile: "${file}", password: "${password}", deployment: "${named}", rpc: "http://x", directory: y }\n`
      const same = identity(join(folder, 'deployment.json'))
      expect((await load(market(withoutUpstreams + same))).ok).toBe(true)
      expect(await load(market(withoutUpstreams + identity(elsewhere)))).toMatchObject({
        ok: false,
        problems: [
          {
            path: 'identity.deployment',
            message: expect.stringContaining('another deployment than'),
          },
        ],
      })
    })
  })

  test('is told what is wrong with the verifiers it names', async () => {
    const access = `
access:
  chainId: 1
  ankrEscrow: "0x12"
  verifiers: [{ url: "ftp://verifier.example", address: "0x${'aa'.repeat(20)}" }]
  threshold: 2
`
    const loaded = await load(smallest + access, { SECRET: 'abc' })
    const paths = loaded.ok ? [] : loaded.problems.map(({ path }) => path)
    expect(paths).toContain('access.ankrEscrow')
    expect(paths).toContain('access.verifiers[0].url')
    const mended = access.replace('0x12', `0x${'e5'.repeat(20)}`).replace('ftp', 'https')
    expect(await load(smallest + mended, { SECRET: 'abc' })).toMatchObject({
      ok: false,
      problems: [{ path: 'access.threshold', message: 'more than there are verifiers' }],
    })
    const enough = mended.replace('threshold: 2', 'threshold: 1')
    expect(await load(smallest + enough, { SECRET: 'abc' })).toMatchObject({ ok: true })
  })

  test('may be TypeScript', async () => {
    const text = `export default { chains: { base: { upstreams: [{ provider: 'a', name: 'b', url: 'http://localhost:1' }] } } }`
    expect(await load(text, {}, 'gateway.ts')).toMatchObject({ ok: true })
  })

  test('of TypeScript is read again when it has changed', async () => {
    const text = (port: number) =>
      `export default { listen: { port: ${port} }, chains: { base: { upstreams: [{ provider: 'a', name: 'b', url: 'http://localhost:1' }] } } }`
    expect(await load(text(1_111), {}, 'again.ts')).toMatchObject({
      config: { listen: { port: 1_111 } },
    })
    expect(await load(text(2_222), {}, 'again.ts')).toMatchObject({
      config: { listen: { port: 2_222 } },
    })
  })

  test('of TypeScript that throws is told by the name and the line of the error, never by its words', async () => {
    const problemOf = async (text: string) => {
      const loaded = await load(text, {}, 'throws.ts')
      if (loaded.ok) throw new Error('accepted')
      expect(JSON.stringify(loaded)).not.toContain('sekret')
      return loaded.problems
    }
    expect(await problemOf(`\nfunction f() { throw new TypeError('sekret') }\nf()`)).toEqual([
      { path: '', line: 2, message: expect.stringContaining('TypeError') },
    ])
    const read = `import { readFileSync } from 'node:fs'\n\nexport default readFileSync('/sekret')`
    expect(await problemOf(read)).toEqual([
      { path: '', line: 3, message: expect.stringContaining('ENOENT') },
    ])
    expect(await problemOf(`throw 'sekret'`)).toHaveLength(1)
    expect(await problemOf(`const e = new Error(); e.name = 'sekret key'; throw e`)).toHaveLength(1)
  })

  test('of TypeScript that is none is told with its line, and not with what stands there', async () => {
    expect(await load(`\nexport default {\n  key: = 'sekret',\n}`, {}, 'broken.ts')).toEqual({
      ok: false,
      problems: [{ path: '', line: 3, message: 'this is not TypeScript, from column 8 on' }],
    })
  })

  test('of TypeScript that imports what is not there, or exports nothing, says so', async () => {
    const text = `import './nowhere.ts'\nexport default {}`
    expect(await load(text, {}, 'imports.ts')).toMatchObject({
      problems: [{ message: expect.stringContaining('./nowhere.ts') }],
    })
    expect(await load('export const config = {}', {}, 'named.ts')).toMatchObject({
      problems: [{ message: expect.stringContaining('export default') }],
    })
    expect(await loadConfig(join(folder, 'nowhere.ts'), {})).toMatchObject({
      problems: [{ message: 'the file cannot be read: there is no such file' }],
    })
  })

  test.each([
    ['0.0.0.0', '127.0.0.1', true],
    ['127.0.0.1', '::', true],
    ['localhost', '127.0.0.1', true],
    ['localhost', '0.0.0.0', true],
    ['LOCALHOST', '::1', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['0.0.0.0', '::1', false],
    ['127.0.0.1', '::1', false],
  ])(
    'that listens at one port twice is refused where the addresses meet: %p and %p',
    async (listen, admin, meet) => {
      const ports = `listen: { host: "${listen}", port: 9000 }\nadmin: { host: "${admin}", port: 9000 }\n`
      const loaded = await load(smallest + ports, { SECRET: 'x' })
      const refused = { ok: false, problems: [{ path: 'admin.port', line: 6 }] }
      expect(loaded).toMatchObject(meet ? refused : { ok: true })
    },
  )

  test('with several mistakes is refused with all of them, each at its line', async () => {
    const loaded = await load(`listen:
  port: 99999
colour: blue
keys:
  - { name: a, key: short, tier: gold }
chains:
  eth:
    upstreams:
      - { provider: Alpha, name: one, url: "ftp://x" }
  dogechain:
    upstreams: []
`)
    if (loaded.ok) throw new Error('accepted')
    const found = loaded.problems.map(({ path, line }) => `${path} ${line}`)
    expect(found).toEqual(
      expect.arrayContaining([
        'listen.port 2',
        'colour 3',
        'keys[0].key 5',
        'keys[0].tier 5',
        'chains.eth.upstreams[0].provider 9',
        'chains.eth.upstreams[0].url 9',
        'chains.dogechain.upstreams 11',
        'chains.dogechain 11',
      ]),
    )
  })

  test('tells what stands twice beside everything else', async () => {
    const loaded = await load(`keys:
  - { name: a, key: key-0123456789abcdef, tier: gold }
  - { name: a, key: key-0123456789abcdef, tier: premium }
tiers: { community: { batchMax: 100 } }
chains:
  eth:
    upstreams: [{ provider: a, name: b, url: "http://x" }, { provider: a, name: c, url: "http://x" }, 5]
`)
    if (loaded.ok) throw new Error('accepted')
    expect(loaded.problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'keys[1].key',
        'keys[1].name',
        'keys[0].tier',
        'chains.eth.upstreams[1].url',
      ]),
    )
  })

  test('whose limits contradict each other is refused', async () => {
    const text = `${smallest}tiers: { community: { batchMax: 100 } }\n`
    expect(await load(text, { SECRET: 'x' })).toMatchObject({
      problems: [{ path: 'tiers.community.batchMax', message: expect.stringContaining('60') }],
    })
  })

  test('that names a variable the environment lacks says which', async () => {
    expect(await load(smallest)).toMatchObject({
      ok: false,
      problems: [
        {
          path: 'chains.eth.upstreams[0].url',
          line: 4,
          message: expect.stringContaining('SECRET'),
        },
      ],
    })
  })

  test('whose alias contains itself is refused', async () => {
    expect(await load('chains: &a\n  eth: *a\n')).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining('alias') }),
      ]),
    })
  })

  test('that lacks what is needed says so in plain words', async () => {
    expect(await load('')).toMatchObject({
      ok: false,
      problems: [{ path: 'chains', message: 'is missing: it has to be a mapping of names' }],
    })
    expect(await load('listen: { port: "x" }')).toMatchObject({
      problems: expect.arrayContaining([
        { path: 'listen.port', line: 1, message: 'has to be a number' },
      ]),
    })
  })

  test('that gives one name or one address twice is refused', async () => {
    const twice = `${smallest}      - { provider: alpha, name: one, url: "https://other.example" }\n`
    const address = `${smallest}      - { provider: alpha, name: two, url: "https://node.example/x" }\n`
    expect(await load(address, { SECRET: 'x' })).toMatchObject({
      ok: false,
      problems: [{ path: 'chains.eth.upstreams[1].url' }],
    })
    expect(await load(twice, { SECRET: 'x' })).toMatchObject({
      ok: false,
      problems: [
        { path: 'chains.eth.upstreams[1].name', message: expect.stringContaining('twice') },
      ],
    })
  })

  test('may describe a chain that Mooring does not ship', async () => {
    const own = `chains:
  mychain:
    definition:
      { name: mychain, title: My chain, family: evm, chainId: 424242, testnet: false, blockTimeMs: 500,
        finality: { rule: instant }, lag: { freshBlocks: 2, criticalBlocks: 20 }, header: unknown, trie: unknown,
        currency: { name: Coin, symbol: C, decimals: 18 } }
    upstreams:
      - { provider: me, name: one, url: "http://localhost:9999" }
`
    expect(await load(own)).toMatchObject({ ok: true })
    expect(await load(own.replace('424242', '"x"'))).toMatchObject({
      ok: false,
      problems: [{ path: 'chains.mychain.definition' }],
    })
  })

  test('that is no YAML, or is not there, is refused with the reason', async () => {
    expect(await load('chains: [')).toMatchObject({ ok: false })
    expect(await loadConfig(join(folder, 'nowhere.yaml'), {})).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('cannot be read') }],
    })
  })

  test('of any value is loaded or refused, never more', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseConfig({ value, lineOf: () => null }, {}).ok).toBe(false)
      }),
    )
  })
})

describe('a file of prices', () => {
  const upstreams = [{ provider: 'a', name: 'b', url: 'http://127.0.0.1:1' }]
  const withPrices = async (text: string | undefined) => {
    const prices = join(folder, 'prices.json')
    if (text === undefined) await rm(prices, { force: true })
    else await writeFile(prices, text)
    const billing = { url: 'http://127.0.0.1:1', credential: 'x'.repeat(32) }
    const meter = { billing, instance: 'one', directory: folder, prices }
    const file = join(folder, 'metered.yaml')
    await writeFile(file, JSON.stringify({ meter, chains: { local_one: { upstreams } } }))
    return await loadConfig(file, {})
  }

  test('is read and checked with the rest', async () => {
    const loaded = await withPrices(JSON.stringify(newestTable.table))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    expect(loaded.config.prices).toEqual(newestTable.table)
  })

  test.each([
    [undefined, 'cannot be read'],
    ['{', 'is no JSON'],
    [JSON.stringify({ ...newestTable.table, meanCredits: 1 }), 'meanCredits'],
  ])('that is wrong is told as a problem of its setting', async (text, words) => {
    const loaded = await withPrices(text)
    const [problem] = loaded.ok ? [] : loaded.problems
    expect(problem?.path).toBe('meter.prices')
    expect(problem?.message).toContain(words)
  })
})

describe('the agent of an upstream', () => {
  const address = `0x${'Ab'.repeat(20)}`
  const agent = smallest.replace(' }\n', `, agent: { nodeId: "7", address: "${address}" } }\n`)

  test('needs an identity', async () => {
    const loaded = await load(agent, { SECRET: 'abc' })
    expect(loaded).toMatchObject({
      problems: [
        {
          path: 'chains.eth.upstreams[0].agent',
          message: 'needs `identity`: an agent serves members of the set of gateways only',
        },
      ],
    })
  })

  test('is reached by https where it is elsewhere', async () => {
    const plain = agent.replace('https://node.example', 'http://10.0.0.7')
    const loaded = await load(plain, { SECRET: 'abc' })
    expect(loaded).toMatchObject({
      problems: [
        { path: 'chains.eth.upstreams[0].url', message: expect.stringContaining('by https') },
        { path: 'chains.eth.upstreams[0].agent' },
      ],
    })
    const here = await load(plain.replace('10.0.0.7', '127.0.0.1'), { SECRET: 'abc' })
    expect(here).toMatchObject({ problems: [{ path: 'chains.eth.upstreams[0].agent' }] })
  })

  test('is refused with what is wrong with the files of the identity', async () => {
    const identity =
      'identity: { keyFile: k, password: p, deployment: d, rpc: "http://x", directory: y }\n'
    const loaded = await load(identity + agent, { SECRET: 'abc' })
    expect(loaded).toMatchObject({
      problems: [
        {
          path: 'identity.deployment',
          line: 1,
          message: expect.stringContaining('d cannot be read'),
        },
      ],
    })
  })
})
