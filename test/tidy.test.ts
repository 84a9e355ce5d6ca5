import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { workspacesOf } from '@mooring/tools/floors/workspaces'
import { readTrackedFiles, type SourceFile } from '@mooring/tools/source/tracked-files'
import { brokenLinks } from '@mooring/tools/tidy/links'
import { tidyFilesOf, untidiness } from '@mooring/tools/tidy/rule'
import { tidyRules } from '@mooring/tools/tidy/rules'

const root = resolve(import.meta.dir, '..')

test('this repository is tidy', async () => {
  expect(untidinessOf(await readTrackedFiles(root))).toEqual([])
})

test('every link between documents leads somewhere', async () => {
  expect(brokenLinks(await readTrackedFiles(root))).toEqual([])
})

type Case = { path: string; bad: string[]; good: string[] }

/** For each rule: texts it must refuse, and neighbours it must let pass. */
const cases: Record<string, Case> = {
  're-export': {
    path: 'services/door/src/x.ts',
    bad: [
      "export * from './y.ts'",
      "export {\n  a,\n} from './y.ts'",
      "export type { A } from 'y'",
    ],
    good: ["export const from = 'y'", 'export { a }', "// export * from './y.ts'"],
  },
  'default export': {
    path: 'services/door/src/x.ts',
    bad: ['export default 1', 'export { a as default }'],
    good: ['const text = "export default"', 'export const a = { default: 1 }'],
  },
  'clock or chance on a pure floor': {
    path: 'packages/rules/src/x.ts',
    bad: ['Date.now()', 'new Date()', 'Math.random()', 'performance.now()', 'setTimeout(f, 1)'],
    good: ['new Date(atMs)', 'clock.setTimeout(f)', '// Date.now()', "'Math.random'"],
  },
  'environment on a pure floor': {
    path: 'packages/rules/src/x.ts',
    bad: ['process.env.HOME', "Bun.file('x')", "fetch('x')", 'console.log(1)'],
    good: ['// the end of the process. It stops', 'work.process.id', 'client.fetch(x)'],
  },
  interval: {
    path: 'services/door/src/x.ts',
    bad: ['setInterval(poll, 1_000)'],
    good: ['// no setInterval(', 'clearInterval(x)'],
  },
  'bare reminder': {
    path: 'services/door/src/x.ts',
    bad: ['// TODO', '// TODO: later', '/* FIXME mend */', '// TODO(): why'],
    good: ['// TODO(cache): sizes are measured in the next release', "const a = 'TODO'"],
  },
  'number without a unit': {
    path: 'services/door/src/config.ts',
    bad: [
      'const c = z.int()\nexport const s = z.object({ timeout: c.default(1) })',
      'z.object({ size: z\n    .number()\n    .min(1) })',
      'type Limits = { rate: number }',
    ],
    good: [
      'const port = z.int()\nz.object({ port: port, timeoutMs: z.int(), bodyBytesMax: z.number() })',
      "z.object({ name: z.string().default('count: z.int()') })",
    ],
  },
  divider: {
    path: 'services/door/src/x.ts',
    bad: ['// -----', '// ==== parts ====', '/* ---- */', '/**\n * ======\n */'],
    good: ['// - a list', '/** what a → b means */', '/**\n * | --- |\n */', "'// ----'"],
  },
  'silenced type': {
    path: 'services/door/src/x.ts',
    bad: ['f(x as any)'],
    good: ['// as any other', 'x as anyone'],
  },
  'silenced compiler': {
    path: 'services/door/src/x.ts',
    bad: ['// @ts-ignore', '// @ts-nocheck', '// @ts-expect-error'],
    good: ['// @ts-expect-error a unit of another kind does not compile'],
  },
  'focused test': {
    path: 'services/door/src/x.test.ts',
    bad: ["test.only('a', f)", "describe.only('a', f)"],
    good: ["test('test.only', f)"],
  },
  'skipped test without a reason': {
    path: 'services/door/src/x.test.ts',
    bad: ["test.skip('a', f)", "\n\ntest.skipIf(x)('a', f)", "it.todo('a')"],
    good: ['// No anvil for this platform.\ntest.skipIf(x)', "test('a', () => ctx.skip())"],
  },
  'long file': {
    path: 'services/door/src/x.ts',
    bad: ['a\n'.repeat(401)],
    good: ['a\n'.repeat(400)],
  },
  'path of one machine': {
    path: 'docs/x.md',
    bad: ['see /work/x', "'/tmp/file'", '(/home/me/x)', 'in ../shared/x'],
    good: ['https://host/tmp/x', 'a/work/b', '/v1/work'],
  },
  'registry address': {
    path: 'package-lock.json',
    bad: ['"resolved": "https://registry.example/x.tgz"'],
    good: ['"resolved": "packages/chains"'],
  },
}

describe('a planted text is refused, its neighbours are not:', () => {
  for (const [name, { path, bad, good }] of Object.entries(cases)) {
    test(name, () => {
      for (const text of bad)
        expect({ text, found: namesIn(path, text) }).toEqual({ text, found: [name] })
      for (const text of good)
        expect({ text, found: namesIn(path, text) }).toEqual({ text, found: [] })
    })
  }
})

test('file and folder names say what is inside', () => {
  const vague = [
    'a/utils/x.ts',
    'a/helpers.ts',
    'a/key-manager.ts',
    'common/x.ts',
    'a/base.test.ts',
  ]
  for (const path of vague)
    expect({ path, found: namesIn(path, '') }).toEqual({ path, found: ['vague name'] })
  expect(namesIn('packages/a/src/index.ts', '')).toEqual(['index file'])
  const clear = [
    'packages/chains/src/definitions/base.ts',
    'a/based.ts',
    'a/index.html',
    'a/database.ts',
  ]
  for (const path of clear) expect({ path, found: namesIn(path, '') }).toEqual({ path, found: [] })
})

test('every rule has a case', () => {
  const covered = [...Object.keys(cases), 'vague name', 'index file'].sort()
  expect(tidyRules.map(({ name }) => name).sort()).toEqual(covered)
})

test('what is allowed elsewhere is left alone there', () => {
  expect(namesIn('services/door/src/x.ts', 'Date.now()')).toEqual([])
  expect(namesIn('packages/rules/src/x.test.ts', 'Math.random()')).toEqual([])
  expect(namesIn('services/door/src/page/x.js', 'setInterval(f, 1)')).toEqual([])
  expect(namesIn('packages/chains/src/families/evm/errors.fixtures.ts', 'a\n'.repeat(900))).toEqual(
    [],
  )
  expect(namesIn('test/x.test.ts', "const folder = '/tmp/x'")).toEqual([])
  expect(namesIn('lint.config.ts', 'export default {}')).toEqual([])
})

test('a link that leads nowhere is found', () => {
  const text = '[a](b/c.md#top) [b](b) [c](/b/c.md) [d](https://x.example/y) [e](../gone.md)'
  const files = [
    { path: 'docs/a.md', text },
    { path: 'docs/b/c.md', text: '' },
  ]
  expect(brokenLinks(files)).toEqual([
    'docs/a.md links to /b/c.md, which does not exist.',
    'docs/a.md links to ../gone.md, which does not exist.',
  ])
})

const manifests: SourceFile[] = [
  { path: 'package.json', text: '{ "name": "mooring" }' },
  { path: 'packages/rules/package.json', text: '{ "name": "r", "mooring": { "floor": "F1" } }' },
  { path: 'services/door/package.json', text: '{ "name": "d", "mooring": { "floor": "F3" } }' },
]

function namesIn(path: string, text: string): string[] {
  const sentences = untidinessOf([...manifests, { path, text }])
  return sentences.map(
    (sentence) => tidyRules.find(({ name }) => sentence.includes(` ${name}: `))?.name ?? sentence,
  )
}

function untidinessOf(files: readonly SourceFile[]): string[] {
  return untidiness(tidyFilesOf(files, workspacesOf(files)), tidyRules)
}
