import type { ChainDefinition } from '@mooring/chains/chain'
import { chainDefinitions } from '@mooring/chains/definitions'
import { CommandError } from './exit-codes.ts'

const suggestionsMax = 3
/** Edits that still count as a slip of the finger. */
const editsMax = 2

/** The definition of that name. Throws with the names that were probably meant. */
export function definitionNamed(name: string): ChainDefinition {
  const definition = chainDefinitions.get(name)
  if (definition !== undefined) return definition
  const near = nearNames(name, [...chainDefinitions.values()])
  const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : ''
  throw new CommandError(
    'badInput',
    `No chain is called ${JSON.stringify(name)}.${hint}\n\`npx mooring chains --testnets\` lists them all.`,
  )
}

export function definitionWithId(chainId: number): ChainDefinition | undefined {
  return [...chainDefinitions.values()].find((definition) => definition.chainId === chainId)
}

/** Names close to what was typed, nearest first; titles count, since people type `ethereum` for `eth`. */
export function nearNames(
  typed: string,
  definitions: readonly Pick<ChainDefinition, 'name' | 'title'>[],
): string[] {
  const wanted = typed.toLowerCase()
  return definitions
    .map(({ name, title }) => ({
      name,
      edits: Math.min(distance(wanted, name), distance(wanted, title.toLowerCase())),
    }))
    .filter(({ edits }) => edits <= editsMax)
    .sort((a, b) => a.edits - b.edits || a.name.length - b.name.length)
    .slice(0, suggestionsMax)
    .map(({ name }) => name)
}

/** Edits from one to the other; a name that merely goes on (`arb` for `arbitrum`) is one edit away. */
function distance(typed: string, name: string): number {
  if (typed.length > 1 && name !== typed && name.startsWith(typed)) return 1
  let previous = Array.from({ length: name.length + 1 }, (_, at) => at)
  for (const [row, char] of [...typed].entries()) {
    const current = [row + 1]
    for (let at = 1; at <= name.length; at++) {
      const replaced = (previous[at - 1] ?? 0) + (char === name[at - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[name.length] ?? 0
}
