/** What a workspace on a floor may import from the others. Tests may import the testkit besides. */
type Floor = {
  /** What stands on this floor. */
  holds: string
  mayImport: readonly FloorName[]
  /** Rules only: no file, socket, clock or chance, so only packages known to be pure. */
  pure: boolean
}

export const floorNames = ['F0', 'F1', 'F2', 'F3', 'sdk', 'F4', 'T', 'tools', 'root'] as const
export type FloorName = (typeof floorNames)[number]

/** Every arrow points down, and none runs along a floor but those written here. */
export const floors: Readonly<Record<FloorName, Floor>> = {
  F0: { holds: 'words and wire', mayImport: [], pure: true },
  F1: { holds: 'rules', mayImport: ['F0'], pure: true },
  F2: { holds: 'adapters', mayImport: ['F0', 'F1'], pure: false },
  F3: { holds: 'services', mayImport: ['F0', 'F1', 'F2'], pure: false },
  sdk: { holds: 'the published client', mayImport: ['F0'], pure: false },
  F4: { holds: 'clients', mayImport: ['F0', 'F1', 'F2', 'sdk'], pure: false },
  T: { holds: 'the testkit', mayImport: ['F0', 'F1', 'F2', 'F3', 'sdk', 'F4', 'T'], pure: false },
  tools: {
    holds: 'checks and generators',
    mayImport: ['F0', 'F1', 'F2', 'F3', 'F4', 'T'],
    pure: false,
  },
  root: {
    holds: 'tests across parts',
    mayImport: ['F0', 'F1', 'F2', 'F3', 'sdk', 'F4', 'tools'],
    pure: false,
  },
}

/** Packages from outside that compute and do nothing else. A new one is added when it has been read. */
export const purePackages: readonly string[] = ['@noble/hashes', 'ipaddr.js']

export function isFloorName(value: unknown): value is FloorName {
  return floorNames.some((name) => name === value)
}
