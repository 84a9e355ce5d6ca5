import { nodeStatuses, nodeTypes } from '@mooring/onchain/node-names'

export function nodeStatusOf(number: number): string {
  return nodeStatuses[number] ?? `unknown (${number})`
}

export function nodeTypeOf(number: number): string {
  return nodeTypes[number] ?? `unknown (${number})`
}

/** Undefined when it is no type that a node can be of. */
export function nodeTypeNumberOf(name: string): number | undefined {
  const names: readonly string[] = nodeTypes
  const number = names.indexOf(name)
  return number >= 1 ? number : undefined
}
