import { expect, test } from 'bun:test'
import { type Setting, settingsOf } from './config-page.ts'

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

function rowAt(path: string, rows: readonly Setting[]): Setting | undefined {
  return rows.find((row) => row.path === path)
}
