import { posix } from 'node:path'
import { nameOf } from './solc.ts'
import { ownImportsOf } from './solidity-import.ts'

/**
 * The tests that are asked first: the unit tests of the contracts that the file is part of, those of the file itself,
 * and the integration tests that deploy one of them.
 *
 * @param contracts - Paths of the contracts built with the file.
 * @param sources - Text by path, tests included.
 */
export function testsFor(
  file: string,
  contracts: readonly string[],
  sources: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([file, ...contracts].map(nameOf))
  return [...sources.keys()].filter((path) => isAsked(path, { names, contracts, sources })).sort()
}

type Wanted = {
  names: ReadonlySet<string>
  contracts: readonly string[]
  sources: ReadonlyMap<string, string>
}

function isAsked(path: string, { names, contracts, sources }: Wanted): boolean {
  if (!path.endsWith('.t.sol')) return false
  const unit = /^contracts\/test\/unit\/([^/]+?)(?:\.t\.sol|\/)/.exec(path)?.[1]
  if (unit !== undefined) return names.has(unit)
  if (!path.startsWith('contracts/test/integration/')) return false
  const seen = importsBehind(path, sources)
  return contracts.some((contract) => seen.has(contract))
}

function importsBehind(from: string, sources: ReadonlyMap<string, string>): Set<string> {
  const seen = new Set<string>()
  const waiting = [posix.normalize(from)]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    waiting.push(...ownImportsOf(path, sources.get(path) ?? ''))
  }
  return seen
}
