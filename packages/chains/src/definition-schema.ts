import type { ChainDefinition, FinalityRule } from './chain.ts'

/**
 * Checks a chain an operator describes in the configuration.
 *
 * @param value - As read from the file.
 * @param name - Path segment the chain is configured under; the definition must carry the same.
 * @returns The definition, or every problem found, each naming its field and what is allowed.
 */
export function parseChainDefinition(value: unknown, name: string): ParsedDefinition {
  const problems = checkDefinition(value, '')
  if (problems.length > 0) return { ok: false, problems }
  // Every field was checked just now by the rule that stands under its name.
  const definition = value as ChainDefinition
  if (definition.name !== name) {
    problems.push(`\`name\` must be ${JSON.stringify(name)}, the name it is configured under`)
  }
  if (definition.lag.criticalBlocks <= definition.lag.freshBlocks) {
    problems.push('`lag.criticalBlocks` must be greater than `lag.freshBlocks`')
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, definition }
}

export type ParsedDefinition =
  | { ok: true; definition: ChainDefinition }
  | { ok: false; problems: string[] }

/** What is wrong with a value, in sentences that name its path. */
type Rule = (value: unknown, path: string) => string[]

const line = /^(?! )[\p{L}\p{N}\p{P}\p{S} ]{1,64}(?<! )$/u

const depthBlocks = integer(1, 10_000_000)

const finalityRules = {
  tag: record({ rule: oneOf('tag'), depthBlocks }),
  depth: record({ rule: oneOf('depth'), depthBlocks }),
  instant: record({ rule: oneOf('instant') }),
} satisfies Record<FinalityRule['rule'], Rule>

const checkDefinition = record({
  name: text(/^[a-z0-9_]{2,32}$/, '2 to 32 lower case letters, digits and underscores'),
  title: text(line, '1 to 64 characters on one line, without spaces around them'),
  family: oneOf('evm'),
  chainId: integer(1, Number.MAX_SAFE_INTEGER),
  testnet: oneOf(true, false),
  blockTimeMs: integer(10, 600_000),
  finality: variant('rule', finalityRules),
  lag: record({ freshBlocks: integer(0, 1_000_000), criticalBlocks: integer(1, 1_000_000) }),
  header: oneOf('ethereum', 'optimism', 'arbitrum', 'celo', 'unknown'),
  trie: oneOf('ethereum', 'unknown'),
  currency: record({
    name: text(line, '1 to 64 characters on one line, without spaces around them'),
    symbol: text(/^[\p{L}\p{N}\p{P}\p{S}]{1,16}$/u, '1 to 16 characters without spaces'),
    decimals: integer(0, 36),
  }),
  explorerUrl: optional(
    text(/^https:\/\/[^\s/]+(\/[^\s/]+)*$/, 'an https:// URL without a trailing slash'),
  ),
} satisfies Record<keyof ChainDefinition, Rule>)

function record(fields: Record<string, Rule>): Rule {
  return (value, path) => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const at = (field: string) => (path === '' ? field : `${path}.${field}`)
    const unknown = Object.keys(value).filter((field) => !Object.hasOwn(fields, field))
    return [
      ...Object.entries(fields).flatMap(([field, rule]) => rule(value[field], at(field))),
      ...unknown.map((field) => `\`${at(field)}\` is not a field of a chain definition`),
    ]
  }
}

/** The rule for an object whose shape follows from the value of one of its fields. */
function variant(field: string, rules: Record<string, Rule>): Rule {
  return (value, path) => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const named = Object.entries(rules).find(([name]) => name === value[field])
    return named === undefined
      ? oneOf(...Object.keys(rules))(value[field], `${path}.${field}`)
      : named[1](value, path)
  }
}

function optional(rule: Rule): Rule {
  return (value, path) => (value === undefined ? [] : rule(value, path))
}

function text(pattern: RegExp, allowed: string): Rule {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [refusal(value, path, allowed)]
}

function integer(min: number, max: number): Rule {
  return (value, path) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : [refusal(value, path, `an integer from ${min} to ${max}`)]
}

function oneOf(...allowed: readonly (string | boolean)[]): Rule {
  const list = allowed.map((item) => JSON.stringify(item)).join(', ')
  return (value, path) =>
    allowed.some((item) => item === value) ? [] : [refusal(value, path, `one of ${list}`)]
}

function refusal(value: unknown, path: string, allowed: string): string {
  const field = path === '' ? 'the definition' : `\`${path}\``
  if (value === undefined) return `${field} is missing: it must be ${allowed}`
  return `${field} must be ${allowed}, not ${shown(value)}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
