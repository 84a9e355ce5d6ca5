import { join } from 'node:path'
import { forgeProgram } from '@mooring/testkit/forge'
import { plant } from '../long-run/planted.ts'
import type { Slice } from './plan.ts'

type ForgeSlice = Extract<Slice, { tool: 'forge' }>

export type Planter = { ready: (slice: ForgeSlice) => Promise<void> }

/** Compiles each copy of the contracts once, when the first slice needs it; slices of the same copy wait for that. */
export function createPlanter(root: string, trees: string): Planter {
  const planted = new Map<string, Promise<void>>()
  return {
    ready: (slice) => {
      const ready = planted.get(slice.tree) ?? grow(root, join(trees, slice.tree), slice.tests)
      planted.set(slice.tree, ready)
      return ready
    },
  }
}

async function grow(root: string, tree: string, tests: readonly string[]): Promise<void> {
  // Written at the end of a build that succeeded, by an earlier part of the run perhaps.
  if (await Bun.file(join(tree, 'contracts/cache/solidity-files-cache.json')).exists()) return
  await plant(root, tree, tests)
  const build = Bun.spawn([forgeProgram(), 'build', '--root', tree], {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if ((await build.exited) !== 0) throw new Error(`the contracts do not compile in ${tree}`)
}
