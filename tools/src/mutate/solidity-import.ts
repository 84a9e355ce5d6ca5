import { posix } from 'node:path'

/** Paths of the own files a Solidity source imports; what comes from packages is left out. */
export function ownImportsOf(path: string, text: string): string[] {
  const imports = text.matchAll(/^import\s[^;]*?["'](\.[^"']+)["']\s*;/gm)
  return [...imports].map(([, target = '']) => posix.join(posix.dirname(path), target))
}

/** A contract that is deployed by itself has its name as the name of its file. */
export function definesContract(path: string, text: string): boolean {
  const name = posix.basename(path, '.sol')
  return new RegExp(`^contract ${name}\\b`, 'm').test(text)
}

/**
 * The contracts whose code changes when the file does: the file's own, or those that are built with it. A contract
 * that only calls another has nothing of it inside.
 *
 * @param sources - Text by path.
 */
export function contractsBuiltWith(path: string, sources: ReadonlyMap<string, string>): string[] {
  if (definesContract(path, sources.get(path) ?? '')) return [path]
  return [...sources.keys()]
    .filter(
      (user) => definesContract(user, sources.get(user) ?? '') && reaches(user, path, sources),
    )
    .sort()
}

function reaches(from: string, target: string, sources: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>()
  const waiting = [from]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = sources.get(path)
    if (text === undefined || seen.has(path)) continue
    seen.add(path)
    // What lies behind another contract is that contract's matter.
    if (path !== from && definesContract(path, text)) continue
    for (const next of ownImportsOf(path, text)) {
      if (next === target) return true
      waiting.push(next)
    }
  }
  return false
}
