import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { definitionFields, parseChainDefinition } from './definition-schema.ts'
import { chainDefinitions } from './definitions.ts'
import { familyOf } from './families.ts'

const definitions = [...chainDefinitions.values()]

test('every definition file is listed, and is named after its chain', () => {
  const files = readdirSync(join(import.meta.dir, 'definitions')).map((f) => f.replace('.ts', ''))
  expect([...chainDefinitions.keys()].sort()).toEqual(files.sort())
})

test('no two chains share a chain id or a title', () => {
  expect(new Set(definitions.map((chain) => chain.chainId)).size).toBe(definitions.length)
  expect(new Set(definitions.map((chain) => chain.title)).size).toBe(definitions.length)
})

test.each(definitions)('$name is a valid definition', (chain) => {
  const parsed = parseChainDefinition(chain, chain.name)
  expect(parsed).toEqual({ ok: true, definition: chain })
  expect(familyOf(chain.family).name).toBe(chain.family)
})

test('every public chain has an explorer', () => {
  const without = definitions.filter((chain) => chain.explorerUrl === undefined)
  expect(without.map((chain) => chain.name)).toEqual(['local_one', 'local_two'])
})

test('lag limits allow seconds of delay while fresh and about a minute until critical', () => {
  for (const { name, lag, blockTimeMs } of definitions) {
    if (name.startsWith('local_')) continue
    expect(lag.freshBlocks * blockTimeMs, name).toBeWithin(4_000, 12_001)
    expect(lag.criticalBlocks * blockTimeMs, name).toBeWithin(55_000, 75_000)
  }
})

test('a name of the prototype is no chain', () => {
  expect(chainDefinitions.get('constructor')).toBeUndefined()
  expect(chainDefinitions.get('__proto__')).toBeUndefined()
})

const leaves = (value: object, path = ''): string[] =>
  Object.entries(value).flatMap(([key, member]) => [
    path + key,
    ...(typeof member === 'object' && member !== null ? leaves(member, `${path}${key}.`) : []),
  ])

const fieldOfChain = fc.constantFrom(...definitions).chain((chain) =>
  fc.record({
    chain: fc.constant(chain),
    field: fc.constantFrom(...leaves(chain)),
  }),
)

/** A copy with one field replaced; `undefined` takes the field out. */
function altered(chain: object, path: string, value: unknown): unknown {
  const copy = structuredClone(chain) as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const holder = keys.reduce((at, key) => at[key] as Record<string, unknown>, copy)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

test('a definition lacking any field is refused by that field', () => {
  const required = fieldOfChain.filter(({ field }) => field !== 'explorerUrl')
  fc.assert(
    fc.property(required, ({ chain, field }) => {
      const parsed = parseChainDefinition(altered(chain, field, undefined), chain.name)
      expect(parsed.ok || parsed.problems).toEqual([expect.stringContaining(`\`${field}`)])
    }),
    { numRuns: 200 },
  )
})

test('a definition with any field of a wrong shape is refused by that field', () => {
  const junk = fc.constantFrom(
    null,
    '',
    ' ',
    -1,
    0.5,
    Number.NaN,
    {},
    [],
    [1],
    'x\ny',
    'x'.repeat(99),
  )
  fc.assert(
    fc.property(fieldOfChain, junk, ({ chain, field }, value) => {
      const parsed = parseChainDefinition(altered(chain, field, value), chain.name)
      expect(parsed.ok || parsed.problems[0]).toContain(`\`${field}`)
    }),
    { numRuns: 300 },
  )
})

test('any value is either a definition or a list of problems', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const parsed = parseChainDefinition(value, 'mine')
      expect(parsed.ok || parsed.problems.length > 0).toBe(true)
    }),
  )
})

test('all problems are reported at once, each with what is allowed', () => {
  const { eth } = Object.fromEntries(chainDefinitions)
  const wrong = { ...eth, chainId: '1', trie: 'merkle', explorerUrl: 'https://a.b/', colour: 'red' }
  expect(parseChainDefinition(wrong, 'eth')).toEqual({
    ok: false,
    problems: [
      '`chainId` must be an integer from 1 to 9007199254740991, not "1"',
      '`trie` must be one of "ethereum", "unknown", not "merkle"',
      '`explorerUrl` must be an https:// URL without a trailing slash, not "https://a.b/"',
      '`colour` is not a field of a chain definition',
    ],
  })
})

test('the name must be the one it is configured under', () => {
  const parsed = parseChainDefinition(chainDefinitions.get('eth'), 'ether')
  expect(parsed).toMatchObject({ ok: false, problems: [expect.stringContaining('"ether"')] })
})

test('critical lag must lie beyond fresh lag', () => {
  const { eth } = Object.fromEntries(chainDefinitions)
  const parsed = parseChainDefinition({ ...eth, lag: { freshBlocks: 6, criticalBlocks: 6 } }, 'eth')
  expect(parsed).toMatchObject({ ok: false, problems: [expect.stringContaining('criticalBlocks')] })
})

test('every field is described, those of a variant with the variants that have them', () => {
  const written = new Set(definitions.flatMap((chain) => leaves(chain)))
  expect(definitionFields.map(({ path }) => path).sort()).toEqual([...written].sort())
  expect(definitionFields.filter(({ meaning }) => meaning === '')).toEqual([])
  const fieldAt = (at: string) => definitionFields.find(({ path }) => path === at)
  expect(fieldAt('finality.rule')?.allowed).toBe('one of "tag", "depth", "instant"')
  expect(fieldAt('finality.rule')?.meaning).toContain('instant: a block is final when it appears')
  expect(fieldAt('finality.depthBlocks')?.meaning).toContain('With tag and depth only.')
  const optional = definitionFields.filter(({ isRequired }) => !isRequired)
  expect(optional.map(({ path }) => path)).toEqual(['explorerUrl'])
})
