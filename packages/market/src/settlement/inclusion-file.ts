import type { Hex, Keccak } from './bytes.ts'
import { hex, integer, list, record, uint64, uint128 } from './data-fields.ts'
import type { AccountCharge, EpochData, NodePerformance } from './epoch-data.ts'
import { chargeField, performanceField } from './epoch-file.ts'
import {
  chargeLeaf,
  chargesTree,
  epochTrees,
  performanceLeaf,
  performanceTree,
} from './epoch-trees.ts'
import {
  leavesMax,
  rootFromProof,
  type SumLeaf,
  type SumProof,
  type SumTreeKind,
} from './sum-tree.ts'

/** Rows of an epoch with all that it takes to find its roots from them, for who does not have the whole file. */
export type InclusionFile = {
  epoch: bigint
  charges: readonly (SumProof & { row: AccountCharge })[]
  performance: readonly (SumProof & { row: ProviderPerformance })[]
}

/** A row of performance says in its leaf whose node it is of. */
export type ProviderPerformance = NodePerformance & { providerId: bigint }

/** The rows of one account. */
export function chargesOfAccount(data: EpochData, account: Hex, keccak: Keccak): InclusionFile {
  const tree = chargesTree(data, keccak)
  const charges = data.charges.flatMap((row, at) =>
    row.account === account ? [{ ...tree.proofOf(at), row }] : [],
  )
  return { epoch: data.epoch.number, charges, performance: [] }
}

/** The rows of one provider's nodes. */
export function performanceOfProvider(
  data: EpochData,
  providerId: bigint,
  keccak: Keccak,
): InclusionFile {
  const tree = performanceTree(data, keccak)
  const own = new Set(
    data.nodes.filter((node) => node.providerId === providerId).map(({ nodeId }) => nodeId),
  )
  const performance = data.performance.flatMap((row, at) =>
    own.has(row.nodeId) ? [{ ...tree.proofOf(at), row: { ...row, providerId } }] : [],
  )
  return { epoch: data.epoch.number, charges: [], performance }
}

/** The root that a row leads to; undefined where its proof fits no tree. */
export type ProvenRow = { path: string; tree: 'charges' | 'performance'; root: Hex | undefined }

export function rootsOfInclusions(file: InclusionFile, keccak: Keccak): ProvenRow[] {
  const rootOf = (kind: SumTreeKind, leaf: SumLeaf, proof: SumProof) =>
    rootFromProof(kind, { leaf, proof }, keccak)
  return [
    ...file.charges.map(({ row, ...proof }, at) => ({
      ...{ path: `charges[${at}]`, tree: 'charges' as const },
      root: rootOf(epochTrees.charges, chargeLeaf(row), proof),
    })),
    ...file.performance.map(({ row, ...proof }, at) => ({
      ...{ path: `performance[${at}]`, tree: 'performance' as const },
      root: rootOf(epochTrees.performance, performanceLeaf(row, row.providerId), proof),
    })),
  ]
}

const rowsMax = 100_000
/** A path is no longer than that of the largest tree. */
const siblingsMax = Math.log2(leavesMax)

/** @throws FieldProblem for what is none, with the place of the first problem. */
export function parseInclusionFile(value: unknown): InclusionFile {
  return inclusionField(value)
}

function proofFields({ sums }: SumTreeKind) {
  const sumsField = (value: unknown) => {
    const parsed = record(Object.fromEntries(sums.map((name) => [name, uint128])))(value)
    return sums.map((name) => parsed[name] ?? 0n)
  }
  return {
    at: integer(0, leavesMax - 1),
    count: integer(1, leavesMax),
    sums: sumsField,
    siblings: list(record({ hash: hex(32), sums: sumsField }), { max: siblingsMax }),
  }
}

const inclusionField = record({
  epoch: uint64,
  charges: list(record({ ...proofFields(epochTrees.charges), row: chargeField }), {
    max: rowsMax,
  }),
  performance: list(
    record({
      ...proofFields(epochTrees.performance),
      row: record({ ...performanceField, providerId: uint64 }),
    }),
    { max: rowsMax },
  ),
})

/** As JSON has it; sums by their names. */
export function formatInclusionFile({ epoch, charges, performance }: InclusionFile): unknown {
  return {
    epoch,
    charges: charges.map((row) => named(epochTrees.charges, row)),
    performance: performance.map((row) => named(epochTrees.performance, row)),
  }
}

function named(
  { sums: names }: SumTreeKind,
  { row, at, count, sums, siblings }: SumProof & { row: unknown },
): unknown {
  const byName = (all: readonly bigint[]) =>
    Object.fromEntries(names.map((name, place) => [name, all[place]]))
  return {
    ...{ row, at, count, sums: byName(sums) },
    siblings: siblings.map((sibling) => ({ hash: sibling.hash, sums: byName(sibling.sums) })),
  }
}
