import type { Difference } from '@mooring/market/settlement/inconsistencies'
import type { Agreed } from '../chain/sources.ts'

/** Thrown where a root is not signed: why, in sentences or as what differs. */
export class Unsigned extends Error {
  override name = 'Unsigned'
  readonly reasons: readonly string[]

  constructor(...reasons: readonly string[]) {
    super(reasons[0] ?? 'it is not signed')
    this.reasons = reasons
  }
}

/** Of thousands that differ, these say enough. */
export const reasonsMax = 20

/** @throws Unsigned where something differs. */
export function assertNothingDiffers(differences: readonly Difference[]): void {
  if (differences.length === 0) return
  const told = differences.slice(0, reasonsMax).map(reasonOf)
  const more = differences.length - told.length
  throw new Unsigned(...told, ...(more > 0 ? [`and ${more} more`] : []))
}

/** @throws Unsigned where sources are silent or apart. */
export function agreedOn<T>(agreed: Agreed<T>): T {
  if (agreed.ok) return agreed.value
  throw new Unsigned(agreed.detail)
}

function reasonOf({ path, expected, found }: Difference): string {
  return `${path === '' ? 'the file' : path}: expected ${expected}, found ${found}`
}
