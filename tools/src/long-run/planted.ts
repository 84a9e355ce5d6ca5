import { cp, mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A copy of the contracts with some of their tests, in which forge is run without a filter: with
 * `dynamic_test_linking` it compiles everything anew whenever it is told which tests to run. A copy also stays what it
 * is when somebody edits the original during a long run.
 *
 * @param tests - Paths of the test files that stay; fixtures all do.
 */
export async function plant(source: string, root: string, tests: readonly string[]): Promise<void> {
  await rm(root, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  await cp(join(source, 'foundry.toml'), join(root, 'foundry.toml'))
  for (const folder of ['src', 'test', 'bin']) {
    await cp(join(source, 'contracts', folder), join(root, 'contracts', folder), {
      recursive: true,
    })
  }
  await symlink(join(source, 'node_modules'), join(root, 'node_modules'))
  for (const path of testsIn(root)) {
    if (!tests.includes(path)) await rm(join(root, path))
  }
}

/** Paths of all Solidity tests of a repository. */
export function testsIn(root: string): string[] {
  return [...new Bun.Glob('contracts/test/**/*.t.sol').scanSync({ cwd: root })].sort()
}
