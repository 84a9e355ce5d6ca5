import { claimedAheadBlocks } from './lying.ts'

/** How an answer fails that `failRatio` picked. */
export const failureKinds = {
  http500: 'HTTP status 500',
  html: 'the error page of a proxy, with HTTP status 200',
  reset: 'the connection breaks before the first byte of the answer',
  truncated: 'the connection breaks in the middle of the answer',
  wrongId: 'the answer carries the id of another request',
  rateLimit: 'HTTP status 429 and a plea for a pause of a second',
  jsonRpcInternal: 'JSON-RPC error -32603',
} as const
export type FailureKind = keyof typeof failureKinds

/** What a node says that is not so. */
export const lies = {
  none: 'the truth',
  balance: 'balances are one ether too high',
  head: `it claims a head ${claimedAheadBlocks} blocks ahead`,
  logs: 'the first log of each search is left out',
  amounts: 'amounts in the logs of receipts are twice as large',
} as const
export type Lie = keyof typeof lies

/** Everything that can be wrong with a front; `faultRules` says what each means. Several at once are fine. */
export type Faults = {
  delayMs: number
  jitterMs: number
  lagBlocks: number
  failRatio: number
  failWith: FailureKind
  stall: boolean
  stallConsumers: boolean
  down: boolean
  lie: Lie
  fork: boolean
  wrongChainId: number | null
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

type Rule = {
  /** What it does to the node, in a sentence. */
  meaning: string
  expected: string
  /** What each of its values stands for, where they have names. */
  values?: Readonly<Record<string, string>>
  allows(value: unknown): boolean
}

const millisecondsMax = 600_000

export const faultRules: { readonly [name in keyof Faults]: Rule } = {
  delayMs: { meaning: 'Every answer is that late.', ...whole(millisecondsMax) },
  jitterMs: {
    meaning: 'Added to `delayMs`: by chance between none and all of it.',
    ...whole(millisecondsMax),
  },
  lagBlocks: {
    meaning: 'The node sees the chain as it was that many blocks ago.',
    ...whole(Number.MAX_SAFE_INTEGER),
  },
  failRatio: {
    meaning:
      'Part of the requests that fail. Below 1, questions for the height, the chain id and the newest ' +
      'block are always answered: the node is in sync, and yet fails who uses it. At 1 they fail as well.',
    expected: 'a number from 0 to 1',
    allows: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  failWith: { meaning: 'How those requests fail.', ...oneOf(failureKinds) },
  stall: { meaning: 'The node takes requests and never answers.', ...flag() },
  stallConsumers: {
    meaning: 'It answers questions for the height and the chain id, and stalls on everything else.',
    ...flag(),
  },
  down: { meaning: 'Connections are refused.', ...flag() },
  lie: { meaning: 'What it says that is not so.', ...oneOf(lies) },
  fork: {
    meaning: 'It answers from a chain that went another way some blocks ago.',
    ...flag(),
  },
  wrongChainId: {
    meaning: 'The chain id it claims; null for the true one.',
    ...orNull(whole(Number.MAX_SAFE_INTEGER)),
  },
  pruneBelowBlock: {
    meaning: 'State of blocks before this one is gone; null for an archive.',
    ...orNull(whole(Number.MAX_SAFE_INTEGER)),
  },
}

/** A fault for people: what it means, what it takes, and the value at which it is none. */
export type FaultDescription = {
  name: string
  meaning: string
  allowed: string
  values?: Readonly<Record<string, string>>
  healthy: unknown
}

export function describeFaults(): FaultDescription[] {
  return Object.entries(faultRules).map(([name, { meaning, expected, values }]) => ({
    name,
    meaning,
    allowed: expected,
    ...(values === undefined ? {} : { values }),
    // Both tables have a row for each fault.
    healthy: healthy[name as keyof Faults],
  }))
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
    const rule = faultRules[name]
    return rule.allows(fault) ? [] : [`\`${name}\` must be ${rule.expected}`]
  })
  if (problems.length > 0) {
    throw new FaultsError(`${problems.join('; ')}. Faults: ${Object.keys(faultRules).join(', ')}`)
  }
  // Every member was held against its rule above.
  return value as Partial<Faults>
}

function isFaultName(name: string): name is keyof Faults {
  return Object.hasOwn(faultRules, name)
}

type Values = Omit<Rule, 'meaning'>

function whole(max: number): Values {
  return {
    expected:
      max === Number.MAX_SAFE_INTEGER
        ? 'a whole number from 0 on'
        : `a whole number from 0 to ${max}`,
    allows: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max,
  }
}

function flag(): Values {
  return { expected: 'true or false', allows: (value) => typeof value === 'boolean' }
}

function oneOf(values: Readonly<Record<string, string>>): Values {
  return {
    expected: `one of ${Object.keys(values).join(', ')}`,
    values,
    allows: (value) => typeof value === 'string' && Object.hasOwn(values, value),
  }
}

function orNull(rule: Values): Values {
  return {
    expected: `${rule.expected}, or null`,
    allows: (value) => value === null || rule.allows(value),
  }
}
