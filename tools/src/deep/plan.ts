/** What a deep run consists of, from what is soon found to what takes long. */
export const parts = ['model', 'fuzz', 'invariants', 'economy'] as const
export type Part = (typeof parts)[number]

/** A piece of the work that one process does in about a minute. */
export type Slice = { id: string; part: Part } & (
  | {
      tool: 'forge'
      /** Of the copy of the contracts it runs in, and which tests that has. */
      tree: string
      tests: readonly string[]
      seed: string
      env: Readonly<Record<string, string>>
    }
  | { tool: 'bun'; env: Readonly<Record<string, string>> }
)

export type Depth = {
  /** Each slice draws its own chance from this number. */
  seed: number
  /** Calls of handlers in the invariant of the whole economy. */
  calls: number
  /** Runs of each fuzz test. */
  fuzzRuns: number
}

export const wholeDepth: Depth = { seed: 1, calls: 1_000_000, fuzzRuns: 10_000 }

/** Long sequences reach states, many short ones reach combinations. */
const modelSequences = [
  { count: 2_000, length: 300 },
  { count: 200, length: 3_000 },
  { count: 20, length: 20_000 },
] as const

const economyTests = 'contracts/test/invariant/Economy.t.sol'
const economyRuns = 200
const economyDepth = 250
/** The other invariants name their number of runs themselves, so they go deeper by more seeds. */
const invariantSeeds = 10

/** @param tests - Paths of all Solidity tests. */
export function planOf(depth: Depth, tests: readonly string[]): Slice[] {
  const inUnit = tests.filter((path) => path.startsWith('contracts/test/unit/'))
  const suites = Map.groupBy(inUnit, (path) => path.split('/')[3]?.replace('.t.sol', '') ?? '')
  const invariants = tests.filter(
    (path) => path.startsWith('contracts/test/invariant/') && path !== economyTests,
  )
  return [
    ...modelSlices(),
    ...[...suites].map(([suite, own]) => fuzzSlice(suite, own, depth)),
    ...Array.from({ length: invariantSeeds }, (_, at) =>
      invariantsSlice(sliceSeed(depth.seed, at), invariants),
    ),
    ...economySlices(depth),
  ]
}

function modelSlices(): Slice[] {
  return modelSequences.map(({ count, length }) => ({
    id: `model, ${count} sequences of ${length}`,
    part: 'model',
    tool: 'bun',
    env: { MOORING_ECONOMY_SEQUENCES: `${count}`, MOORING_ECONOMY_LENGTH: `${length}` },
  }))
}

function fuzzSlice(suite: string, tests: readonly string[], { seed, fuzzRuns }: Depth): Slice {
  return {
    id: `fuzz ${suite}, ${fuzzRuns} runs, seed ${seed}`,
    part: 'fuzz',
    tool: 'forge',
    tree: suite,
    tests,
    seed: `${seed}`,
    env: { FOUNDRY_FUZZ_RUNS: `${fuzzRuns}` },
  }
}

function invariantsSlice(seed: string, tests: readonly string[]): Slice {
  const id = `invariants, seed ${seed}`
  return { id, part: 'invariants', tool: 'forge', tree: 'invariants', tests, seed, env: {} }
}

function economySlices({ seed, calls }: Depth): Slice[] {
  const count = Math.ceil(calls / (economyRuns * economyDepth))
  return Array.from({ length: count }, (_, at) => ({
    id: `economy, ${economyRuns} × ${economyDepth} calls, seed ${sliceSeed(seed, at)}`,
    part: 'economy',
    tool: 'forge',
    tree: 'economy',
    tests: [economyTests],
    seed: sliceSeed(seed, at),
    env: {
      FOUNDRY_INVARIANT_RUNS: `${economyRuns}`,
      FOUNDRY_INVARIANT_DEPTH: `${economyDepth}`,
      // Handlers bound what they are given, so values seen in storage teach the fuzzer nothing and cost a fifth.
      FOUNDRY_INVARIANT_INCLUDE_STORAGE: 'false',
      FOUNDRY_INVARIANT_INCLUDE_PUSH_BYTES: 'false',
    },
  }))
}

function sliceSeed(seed: number, at: number): string {
  return `${seed * 1_000_000 + at}`
}
