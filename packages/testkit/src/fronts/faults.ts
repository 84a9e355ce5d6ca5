/** How an answer fails that `failRatio` picked. */
export const failureKinds = [
  'http500',
  'html',
  'reset',
  'truncated',
  'wrongId',
  'rateLimit',
  'jsonRpcInternal',
] as const
export type FailureKind = (typeof failureKinds)[number]

/** What a node says that is not so: a balance one ether too high, a head far ahead, the first log left out. */
export const lies = ['none', 'balance', 'head', 'logs'] as const
export type Lie = (typeof lies)[number]

/** Everything that can be wrong with a front. Several at once are fine. */
export type Faults = {
  delayMs: number
  /** Added to `delayMs`, between none and all of it. */
  jitterMs: number
  /** The node sees the chain as it was that many blocks ago. */
  lagBlocks: number
  /**
   * Part of the requests that fail, 0..1. Below 1, polls of the height, the chain id and the newest block
   * are always answered: the node is in sync, and yet fails who uses it. At 1 they fail as well.
   */
  failRatio: number
  failWith: FailureKind
  /** Takes requests and never answers. */
  stall: boolean
  /** Answers questions for the height and the chain id, and stalls on everything else. */
  stallConsumers: boolean
  /** Connections are refused. */
  down: boolean
  lie: Lie
  /** Answers from a chain that went another way some blocks ago. */
  fork: boolean
  /** The chain id it claims; null for the true one. */
  wrongChainId: number | null
  /** State of blocks before this one is gone; null for an archive. */
  pruneBelowBlock: number | null
}

export const healthy: Readonly<Faults> = {
  delayMs: 0,
  jitterMs: 0,
  lagBlocks: 0,
  failRatio: 0,
  failWith: 'http500',
  stall: false,
  stallConsumers: false,
  down: false,
  lie: 'none',
  fork: false,
  wrongChainId: null,
  pruneBelowBlock: null,
}

type Rule = { expected: string; allows(value: unknown): boolean }

const millisecondsMax = 600_000

const rules: { [name in keyof Faults]: Rule } = {
  delayMs: whole(millisecondsMax),
  jitterMs: whole(millisecondsMax),
  lagBlocks: whole(Number.MAX_SAFE_INTEGER),
  failRatio: {
    expected: 'a number from 0 to 1',
    allows: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  failWith: oneOf(failureKinds),
  stall: flag(),
  stallConsumers: flag(),
  down: flag(),
  lie: oneOf(lies),
  fork: flag(),
  wrongChainId: orNull(whole(Number.MAX_SAFE_INTEGER)),
  pruneBelowBlock: orNull(whole(Number.MAX_SAFE_INTEGER)),
}

export class FaultsError extends Error {
  override name = 'FaultsError'
}

/** Reads a change of faults from any value. Throws FaultsError naming everything that is wrong. */
export function parseFaults(value: unknown): Partial<Faults> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FaultsError('send a JSON object of faults, such as {"lagBlocks": 20}')
  }
  const problems = Object.entries(value).flatMap(([name, fault]) => {
    if (!isFaultName(name)) return [`there is no fault \`${name}\``]
    const rule = rules[name]
    return rule.allows(fault) ? [] : [`\`${name}\` must be ${rule.expected}`]
  })
  if (problems.length > 0) {
    throw new FaultsError(`${problems.join('; ')}. Faults: ${Object.keys(rules).join(', ')}`)
  }
  // Every member was held against its rule above.
  return value as Partial<Faults>
}

function isFaultName(name: string): name is keyof Faults {
  return Object.hasOwn(rules, name)
}

function whole(max: number): Rule {
  return {
    expected: `a whole number from 0 to ${max}`,
    allows: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max,
  }
}

function flag(): Rule {
  return { expected: 'true or false', allows: (value) => typeof value === 'boolean' }
}

function oneOf(values: readonly string[]): Rule {
  return {
    expected: `one of ${values.join(', ')}`,
    allows: (value) => typeof value === 'string' && values.includes(value),
  }
}

function orNull(rule: Rule): Rule {
  return {
    expected: `${rule.expected}, or null`,
    allows: (value) => value === null || rule.allows(value),
  }
}
