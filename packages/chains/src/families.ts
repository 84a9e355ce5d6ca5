import type { FamilyName } from './chain.ts'
import { evm } from './families/evm/family.ts'
import type { Family } from './family.ts'

/** Every family, by name. A new one is a folder and a line here. */
export const families = { evm } as const satisfies Record<FamilyName, Family>

export function familyOf(name: FamilyName): Family {
  return families[name]
}
