import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { floorViolations } from '@mooring/tools/floors/rules'
import { workspacesOf } from '@mooring/tools/floors/workspaces'
import { readTrackedFiles } from '@mooring/tools/source/tracked-files'

const root = resolve(import.meta.dir, '..')

test('every arrow in this repository points down', async () => {
  expect(floorViolations(workspacesOf(await readTrackedFiles(root)))).toEqual([])
})

/** A small sound repository; each case adds what breaks it. */
const sound: Record<string, string> = {
  'package.json': manifest('mooring', undefined, {
    devDependencies: { '@mooring/kit': '1', fc: '1' },
  }),
  'packages/words/package.json': manifest('@mooring/words', 'F0'),
  'packages/rules/package.json': manifest('@mooring/rules', 'F1', {
    dependencies: { '@mooring/words': '1', '@noble/hashes': '1', axios: '1' },
    devDependencies: { fc: '1' },
  }),
  'packages/logs/package.json': manifest('@mooring/logs', 'F2', { dependencies: { pino: '1' } }),
  'packages/kit/package.json': manifest('@mooring/kit', 'T', {
    dependencies: { '@mooring/door': '1' },
  }),
  'services/door/package.json': manifest('@mooring/door', 'F3', {
    dependencies: { '@mooring/rules': '1', '@mooring/logs': '1' },
    devDependencies: { '@mooring/kit': '1' },
  }),
  'services/till/package.json': manifest('@mooring/till', 'F3', { dependencies: {} }),
  'clients/sdk/package.json': manifest('@mooring/sdk', 'sdk', {
    dependencies: { '@mooring/words': '1' },
  }),
  'clients/cli/package.json': manifest('@mooring/cli', 'F4', {
    dependencies: { '@mooring/rules': '1', '@mooring/sdk': '1' },
  }),
  'tools/package.json': manifest('@mooring/tools', 'tools'),
  'packages/rules/src/a.ts': "import { b } from './b.ts'\nimport { w } from '@mooring/words/w'\n",
  'packages/rules/src/a.test.ts':
    "import fc from 'fc'\nimport { readFile } from 'node:fs/promises'\n",
  'services/door/src/main.ts': "import 'node:fs'\nimport { a } from '@mooring/rules/a'\n",
  'services/door/src/main.test.ts': "import { kit } from '@mooring/kit/start'\n",
  'test/all.test.ts': "import { x } from '../tools/src/x.ts'\nimport fc from 'fc'\n",
}

test('the small sound repository breaks no rule', () => {
  expect(violationsWith({})).toEqual([])
})

describe('a planted violation is found:', () => {
  const cases: { what: string; add: Record<string, string>; says: string[] }[] = [
    {
      what: 'a manifest without a floor',
      add: { 'packages/new/package.json': '{ "name": "@mooring/new" }' },
      says: ['packages/new/package.json', 'has no floor'],
    },
    {
      what: 'an upward arrow in code',
      add: { 'packages/rules/src/up.ts': "import type { L } from '@mooring/logs/logger'" },
      says: ['packages/rules/src/up.ts:1', '@mooring/logs stands on F2', 'Pass it in'],
    },
    {
      what: 'an upward arrow in a manifest',
      add: {
        'packages/logs/package.json': manifest('@mooring/logs', 'F2', {
          dependencies: { '@mooring/till': '1' },
        }),
      },
      says: ['packages/logs/package.json: @mooring/till in dependencies'],
    },
    {
      what: 'an arrow along a floor',
      add: {
        'packages/more/package.json': manifest('@mooring/more', 'F1', {
          dependencies: { '@mooring/rules': '1' },
        }),
      },
      says: ['may import F0; @mooring/rules stands on F1', 'lower floor'],
    },
    {
      what: 'a service that imports a service',
      add: { 'services/door/src/x.ts': "const { pay } = await import('@mooring/till/pay')" },
      says: ['services/door/src/x.ts:1', 'over the store, the chain or the wire'],
    },
    {
      what: 'a circle',
      add: {
        'services/door/package.json': manifest('@mooring/door', 'F3', {
          dependencies: { '@mooring/kit': '1', '@mooring/rules': '1' },
        }),
      },
      says: ['@mooring/kit → @mooring/door → @mooring/kit', 'circle'],
    },
    {
      what: 'a package nobody declared',
      add: { 'services/door/src/x.ts': "import {\n  pick,\n} from 'lodash/pick'" },
      says: ['services/door/src/x.ts:3', 'lodash is not declared in services/door/package.json'],
    },
    {
      what: 'a part of Node without its prefix',
      add: { 'services/door/src/x.ts': "import fs from 'fs'" },
      says: ['write node:fs'],
    },
    {
      what: 'a test dependency in code that ships',
      add: { 'packages/rules/src/x.ts': "export { fc } from 'fc'" },
      says: ['only tests may import'],
    },
    {
      what: 'the test runner in code that ships',
      add: { 'services/door/src/x.ts': "import { test } from 'bun:test'" },
      says: ['only tests import it'],
    },
    {
      what: 'a relative import into another package',
      add: { 'services/door/src/x.ts': "import { w } from '../../../packages/words/src/w.ts'" },
      says: ['a relative import stays in its package'],
    },
    {
      what: 'a relative import out of the repository',
      add: { 'test/x.test.ts': "import { w } from '../../elsewhere/w.ts'" },
      says: ['a relative import stays in its package'],
    },
    {
      what: 'a package that imports itself by name',
      add: { 'packages/rules/src/x.ts': "import { a } from '@mooring/rules/a'" },
      says: ['by relative path'],
    },
    {
      what: 'a pure floor that reads files',
      add: { 'packages/words/src/x.ts': "import type { Stats } from 'node:fs'" },
      says: ['packages/words/src/x.ts:1', 'F0 is pure'],
    },
    {
      what: 'a pure floor that asks Bun',
      add: { 'packages/rules/src/x.ts': "import { file } from 'bun'" },
      says: ['F1 is pure'],
    },
    {
      what: 'a pure floor with a declared package that does I/O',
      add: { 'packages/rules/src/x.ts': "import axios from 'axios'" },
      says: ['F1 is pure'],
    },
    {
      what: 'the testkit in code that ships',
      add: { 'services/door/src/x.ts': "import { kit } from '@mooring/kit/start'" },
      says: ['Only tests import the testkit'],
    },
    {
      what: 'the command importing a service',
      add: { 'clients/cli/src/x.ts': "import { a } from '@mooring/door/a'" },
      says: ['F4 (clients) may import F0, F1, F2, sdk'],
    },
    {
      what: 'the published client importing rules',
      add: { 'clients/sdk/src/x.ts': "import { a } from '@mooring/rules/a'" },
      says: ['sdk (the published client) may import F0'],
    },
  ]
  for (const { what, add, says } of cases) {
    test(what, () => {
      const found = violationsWith(add).join('\n')
      for (const part of says) expect(found).toContain(part)
    })
  }
})

test('a text that only speaks of an import is not one', () => {
  const text = [
    "// import fs from 'fs'",
    'const a = "import x from \'left\'"',
    "const b = `\nimport y from 'pad'\n`",
    "export const from = 'nowhere'",
  ].join('\n')
  expect(violationsWith({ 'services/door/src/x.ts': text })).toEqual([])
})

function violationsWith(add: Record<string, string>): string[] {
  const files = Object.entries({ ...sound, ...add }).map(([path, text]) => ({ path, text }))
  return floorViolations(workspacesOf(files))
}

function manifest(name: string, floor: string | undefined, rest: object = {}): string {
  return JSON.stringify({ name, mooring: floor && { floor }, ...rest })
}
