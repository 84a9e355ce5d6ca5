import { posix } from 'node:path'
import type { SourceFile } from '../source/tracked-files.ts'
import { contractsOf, functionsToTest } from './functions.ts'

const unitTests = 'contracts/test/unit/'
const sources = 'contracts/src/'
const branch = /^([│ ]*)[├└]── (.+)$/

/**
 * Sentences for what is wrong between contracts, the trees that say how their functions behave, and the tests.
 *
 * @param files - Every tracked file.
 */
export function treeFaults(files: readonly SourceFile[]): string[] {
  const trees = files.filter(({ path }) => path.startsWith(unitTests) && path.endsWith('.tree'))
  return [...trees.flatMap((tree) => faultsOfTree(tree, files)), ...missingTrees(trees, files)]
}

function faultsOfTree(tree: SourceFile, files: readonly SourceFile[]): string[] {
  const folder = posix.dirname(tree.path)
  const title = posix.basename(tree.path, '.tree')
  const tests = testsIn(folder, files)
  const [first = '', ...lines] = tree.text.trimEnd().split('\n')
  const faults: string[] = []
  if (first !== title) faults.push(`begins with "${first}", not with "${title}"`)
  if (title.split('.')[0] !== posix.basename(folder)) faults.push('stands in another folder')
  if (lines.length === 0) faults.push('has no leaf')
  lines.forEach((line, at) => {
    const fault = faultOfLine(line, lines[at + 1], tests)
    if (fault !== undefined) faults.push(fault)
  })
  return faults.map((fault) => `${tree.path} ${fault}.`)
}

function faultOfLine(
  line: string,
  next: string | undefined,
  tests: ReadonlySet<string>,
): string | undefined {
  const match = branch.exec(line)
  if (match === null) return `has "${line}", which is no branch`
  const [, indent = '', text = ''] = match
  const isLeaf = indentOf(next) <= indent.length
  if (!isLeaf) return /\bit should\b/.test(text) ? `goes on below "${text}"` : undefined
  if (!/\bit should\b/.test(text)) return `ends at "${text}", which says nothing of what it should`
  const test = /\((test(?:Fuzz)?_\w+)\)$/.exec(text)?.[1]
  if (test === undefined) return `names no test for "${text}"`
  return tests.has(test) ? undefined : `names ${test}, which is not in its folder`
}

/** How far a line is indented; less than any branch where there is none. */
function indentOf(line: string | undefined): number {
  return branch.exec(line ?? '')?.[1]?.length ?? -1
}

function testsIn(folder: string, files: readonly SourceFile[]): Set<string> {
  const names = files
    .filter(({ path }) => posix.dirname(path) === folder && path.endsWith('.t.sol'))
    .flatMap(({ text }) => [...text.matchAll(/^ *function (test\w+)\(/gm)])
    .map((match) => match[1] ?? '')
  return new Set(names)
}

function missingTrees(trees: readonly SourceFile[], files: readonly SourceFile[]): string[] {
  const paths = new Set(trees.map(({ path }) => path))
  const contracts = files
    .filter(({ path }) => path.startsWith(sources) && path.endsWith('.sol'))
    .flatMap(({ text }) => contractsOf(text))
  return [...functionsToTest(contracts)].flatMap(([contract, functions]) =>
    functions
      .map((name) => `${unitTests}${contract}/${contract}.${name}.tree`)
      .filter((path) => !paths.has(path))
      .map((path) => `${path} is missing.`),
  )
}
