/** Names of `NodeStatus` and `NodeType`, in the order of their numbers on chain. */
export const nodeStatuses = [
  'none',
  'registered',
  'candidate',
  'admitted',
  'active',
  'draining',
  'retired',
] as const
export const nodeTypes = ['none', 'archive', 'full', 'light'] as const
