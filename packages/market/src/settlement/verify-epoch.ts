import type { Keccak } from './bytes.ts'
import type { EpochRoots } from './epoch-data.ts'
import type { ReadEpochFile } from './epoch-file.ts'
import { type Difference, inconsistencies } from './inconsistencies.ts'
import type { Payout } from './payouts.ts'
import { type Settlement, settleEpoch } from './settle-epoch.ts'

/** Undefined where the data contradicts itself, so that nothing follows from it. */
export type Verified = { settlement: Settlement | undefined; differences: Difference[] }

/**
 * Recomputes what comes out of a file's data and compares it with what the file says. Whether the receipts are signed,
 * and whether the chain says the same, is for those who can ask.
 */
export function verifyEpoch(file: ReadEpochFile, keccak: Keccak): Verified {
  const { data } = file
  const problems = inconsistencies(data, keccak).map(({ path, ...rest }) => ({
    ...{ path: `data.${path}`, ...rest },
  }))
  const { dataHash } = file
  if (problems.length > 0) {
    return {
      settlement: undefined,
      differences: [...problems, ...compareMembers('roots', { dataHash }, file.roots)],
    }
  }
  const settlement = settleEpoch(data, keccak)
  return {
    settlement,
    differences: [
      ...comparePayouts(settlement.payouts, data.payouts),
      ...compareMembers('roots', { ...settlement.roots, dataHash }, file.roots),
    ],
  }
}

/** The members of `expected` that are others in `found`. */
export function compareMembers(
  path: string,
  expected: Partial<EpochRoots>,
  found: EpochRoots,
): Difference[] {
  const members = Object.entries(expected) as [keyof EpochRoots, bigint | string][]
  return members
    .filter(([member, value]) => found[member] !== value)
    .map(([member, value]) => ({
      ...{ path: `${path}.${member}`, expected: String(value), found: String(found[member]) },
    }))
}

function comparePayouts(expected: readonly Payout[], found: readonly Payout[]): Difference[] {
  if (expected.length !== found.length) {
    return [
      {
        path: 'data.payouts',
        expected: `${expected.length} providers`,
        found: `${found.length}`,
      },
    ]
  }
  const members = ['providerId', 'amount', 'cumulative'] as const
  return expected.flatMap((payout, at) =>
    members
      .filter((member) => payout[member] !== found[at]?.[member])
      .map((member) => ({
        path: `data.payouts[${at}].${member}`,
        expected: String(payout[member]),
        found: String(found[at]?.[member]),
      })),
  )
}
