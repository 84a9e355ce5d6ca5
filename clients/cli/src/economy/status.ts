/** Names of `NodeStatus` and `NodeType`, in the order of their numbers on chain. */
const nodeStatuses = [
  'none',
  'registered',
  'candidate',
  'admitted',
  'active',
  'draining',
  'retired',
] as const
const nodeTypes: readonly string[] = ['none', 'archive', 'full', 'light']

export function nodeStatusOf(number: number): string {
  return nodeStatuses[number] ?? `unknown (${number})`
}

export function nodeTypeOf(number: number): string {
  return nodeTypes[number] ?? `unknown (${number})`
}

/** Undefined when it is no type that a node can be of. */
export function nodeTypeNumberOf(name: string): number | undefined {
  const number = nodeTypes.indexOf(name)
  return number >= 1 ? number : undefined
}
