import { expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@mooring/gateway/config-file'
import { configExample, configPage, type Setting, settingsOf } from './config-page.ts'

const listen = {
  type: 'object',
  properties: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'TCP port.' },
  },
  required: ['port'],
} as const

test('a setting has its path, type, default and meaning', () => {
  expect(settingsOf({ type: 'object', properties: { listen } })).toEqual([
    { path: 'listen.host', type: 'string', byDefault: '`127.0.0.1`', meaning: '' },
    {
      path: 'listen.port',
      type: 'integer 0 to 65,535',
      byDefault: '**required**',
      meaning: 'TCP port.',
    },
  ])
})

test('the default of a group reaches its members', () => {
  const group = { ...listen, default: { port: 8_545 } }
  expect(rowAt('listen.port', settingsOf({ properties: { listen: group } }))?.byDefault).toBe(
    '`8545`',
  )
})

test('lists and maps are walked', () => {
  const schema = {
    properties: {
      chains: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: {
            upstreams: { type: 'array', items: { properties: { url: { type: 'string' } } } },
          },
        },
      },
    },
  }
  expect(settingsOf(schema).map(({ path }) => path)).toEqual([
    'chains',
    'chains.{name}.upstreams',
    'chains.{name}.upstreams[].url',
  ])
})

test('choices are listed, empty defaults say none, groups with a meaning have a row', () => {
  const rows = settingsOf({
    properties: {
      level: { enum: ['debug', 'info'], default: 'info' },
      keys: { type: 'array', default: [] },
      admin: { ...listen, default: {}, description: 'For operators.' },
      countMax: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    },
  })
  expect(rowAt('level', rows)?.type).toBe('`debug`, `info`')
  expect(rowAt('keys', rows)?.byDefault).toBe('none')
  expect(rowAt('admin', rows)).toEqual({
    path: 'admin',
    type: 'group',
    byDefault: 'see below',
    meaning: 'For operators.',
  })
  expect(rowAt('countMax', rows)?.type).toBe('integer from 1')
})

test('the example in TypeScript is a configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-example-'))
  try {
    const file = join(folder, 'gateway.ts')
    await writeFile(file, configExample)
    const loaded = await loadConfig(file, { MY_DAPP_KEY: 'key-0123456789abcdef' })
    expect(loaded).toMatchObject({
      ok: true,
      config: {
        chains: [{ upstreams: [{}, {}, { name: 'geth-3', url: 'http://10.0.0.7:8545' }] }],
      },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the fields of a chain definition have a table of their own', () => {
  const lag = {
    path: 'lag.freshBlocks',
    allowed: 'an integer',
    isRequired: true,
    meaning: 'Fresh.',
  }
  const page = configPage({}, [lag, { ...lag, path: 'explorerUrl', isRequired: false }])
  expect(page).toContain('| `lag.freshBlocks` | an integer | **required** | Fresh. |')
  expect(page).toContain('| `explorerUrl` | an integer | no | Fresh. |')
})

function rowAt(path: string, rows: readonly Setting[]): Setting | undefined {
  return rows.find((row) => row.path === path)
}
