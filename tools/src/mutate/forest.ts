import { join } from 'node:path'
import { type Mutant, mutated } from './mutants.ts'
import type { Trial } from './report.ts'
import { testsFor } from './scope.ts'
import { compile } from './solc.ts'
import { contractsBuiltWith, definesContract } from './solidity-import.ts'
import {
  artifactPath,
  bytecodeIn,
  copyTree,
  exchange,
  plantTree,
  runTests,
  type Tree,
} from './tree.ts'

const economyTests = ['contracts/test/invariant/Economy.t.sol']

/** The trees of all workers: one for each set of tests, planted when first needed and copied for each worker. */
export type Forest = { tryMutant: (mutant: Mutant, worker: number) => Promise<Trial> }

/** @param sources - Text of all contracts and tests by path. @param folder - Where trees may be planted. */
export function createForest(
  root: string,
  folder: string,
  sources: ReadonlyMap<string, string>,
): Forest {
  const seeds = new Map<string, Promise<Tree>>()
  const grown = new Map<string, Promise<Tree>>()
  const deployed = [...sources].flatMap(([path, text]) => (definesContract(path, text) ? path : []))

  async function treeOf(tests: readonly string[], worker: number): Promise<Tree> {
    const name = Bun.hash(tests.join('\n')).toString(36)
    const seed = seeds.get(name) ?? plantTree(root, join(folder, `${name}-seed`), tests)
    seeds.set(name, seed)
    const own = `${name}-${worker}`
    const tree = grown.get(own) ?? seed.then((planted) => grow(planted, join(folder, own)))
    grown.set(own, tree)
    return tree
  }

  /** Were the tests to fail in the copy, or because an artifact was written again, every mutant would seem killed. */
  async function grow(planted: Tree, place: string): Promise<Tree> {
    const tree = await copyTree(planted, place)
    for (const contract of deployed) {
      if (await Bun.file(artifactPath(place, contract)).exists()) {
        await exchange(place, contract, await bytecodeIn(place, contract))
      }
    }
    const { verdict, output } = await runTests(tree)
    if (verdict !== 'passed') throw new Error(`tests fail without a change:\n${output}`)
    return tree
  }

  async function tryMutant(mutant: Mutant, worker: number): Promise<Trial> {
    const startedMs = performance.now()
    const trialOf = (fate: Trial['fate'], by: Trial['by']): Trial => ({
      fate,
      by,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    })
    const contracts = contractsBuiltWith(mutant.file, sources)
    const text = mutated(sources.get(mutant.file) ?? '', mutant.edit)
    const compiled = await compile(root, contracts, { file: mutant.file, text })
    if (!compiled.ok) return trialOf('invalid', 'the compiler')
    const stages = [
      { by: 'unit tests', tests: testsFor(mutant.file, contracts, sources) },
      { by: 'the economy', tests: economyTests },
    ] as const
    for (const { by, tests } of stages) {
      if (tests.length === 0) continue
      const tree = await treeOf(tests, worker)
      const verdict = await judged(tree, contracts, compiled.byContract)
      if (verdict === 'too long') return trialOf('killed', 'time')
      if (verdict === 'failed') return trialOf('killed', by)
    }
    return trialOf('survived', 'nobody')
  }

  return { tryMutant }
}

type Codes = Extract<Awaited<ReturnType<typeof compile>>, { ok: true }>['byContract']

/** Runs the tests of a tree with other code in it, and puts the tree back as it was. */
async function judged(tree: Tree, contracts: readonly string[], codes: Codes) {
  const before = new Map<string, Awaited<ReturnType<typeof bytecodeIn>>>()
  try {
    for (const contract of contracts) {
      const code = codes.get(contract)
      if (code === undefined) continue
      before.set(contract, await bytecodeIn(tree.root, contract))
      await exchange(tree.root, contract, code)
    }
    return (await runTests(tree)).verdict
  } finally {
    for (const [contract, code] of before) await exchange(tree.root, contract, code)
  }
}
