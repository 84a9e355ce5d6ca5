import { expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { forgeProgram } from '@mooring/testkit/forge'
import { abiFiles, enumMembers } from '../tools/src/abis/generate.ts'

const root = resolve(import.meta.dir, '..')

test('packages/abis is what the contracts build to', async () => {
  const build = Bun.spawn([forgeProgram(), 'build', 'contracts/src', '--root', root], {
    cwd: root,
    stdout: 'ignore',
    stderr: 'ignore',
    timeout: 120_000,
  })
  expect(await build.exited).toBe(0)
  const stale: string[] = []
  for (const [path, text] of await abiFiles(root)) {
    const file = Bun.file(join(root, 'packages/abis/src', path))
    if (!(await file.exists()) || (await file.text()) !== text) stale.push(path)
  }
  // Mended by `npm run abis`.
  expect(stale).toEqual([])
}, 130_000)

test('the members of an enum are read without comments and line breaks', () => {
  expect(enumMembers('enum A {\n  One, // first\n  Two\n}\nenum B { Three }', 'A')).toEqual([
    'One',
    'Two',
  ])
  expect(enumMembers('contract C {}', 'A')).toEqual([])
})
