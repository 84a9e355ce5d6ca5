import type { ChainDefinition, FinalityRule } from './chain.ts'

/**
 * Checks a chain an operator describes in the configuration.
 *
 * @param value - As read from the file.
 * @param name - Path segment the chain is configured under; the definition must carry the same.
 * @returns The definition, or every problem found, each naming its field and what is allowed.
 */
export function parseChainDefinition(value: unknown, name: string): ParsedDefinition {
  const problems = definitionRule.check(value, '')
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

/** A field of a chain definition as the reference tells it. */
export type DefinitionField = {
  /** Below the definition, such as `lag.freshBlocks`. */
  path: string
  allowed: string
  isRequired: boolean
  meaning: string
}

type Rule = {
  /** What is wrong with a value, in sentences that name its path. */
  check(value: unknown, path: string): string[]
  allowed: string
  isOptional?: boolean
  meaning?: string
  /** Of an object: the fields below it. */
  fields?: readonly DefinitionField[]
}

const line = /^(?! )[\p{L}\p{N}\p{P}\p{S} ]{1,64}(?<! )$/u
const lineWords = '1 to 64 characters on one line, without spaces around them'

const depthBlocks = means('How many blocks deep a final block is.', integer(1, 10_000_000))

const finalityRules = {
  tag: means(
    'nodes answer the `finalized` tag, and `depthBlocks` is assumed where one does not',
    record({ rule: oneOf('tag'), depthBlocks }),
  ),
  depth: means(
    'nodes have no `finalized` tag, and a block `depthBlocks` deep is taken as final',
    record({ rule: oneOf('depth'), depthBlocks }),
  ),
  instant: means('a block is final when it appears', record({ rule: oneOf('instant') })),
} satisfies Record<FinalityRule['rule'], Rule>

const definitionRule = record({
  name: means(
    'The path consumers use, `POST /{name}`: the name it is configured under.',
    text(/^[a-z0-9_]{2,32}$/, '2 to 32 lower case letters, digits and underscores'),
  ),
  title: means('Its name for people.', text(line, lineWords)),
  family: means('Which RPC dialect its nodes speak.', oneOf('evm')),
  chainId: means(
    'Chain id of EIP-155. An upstream that reports another one gets no traffic.',
    integer(1, Number.MAX_SAFE_INTEGER),
  ),
  testnet: means('Whether it is a test network.', oneOf(true, false)),
  blockTimeMs: means(
    'Usual time between blocks. Sets the pace of polling and waiting.',
    integer(10, 600_000),
  ),
  finality: means('When a block can no longer be replaced.', variant('rule', finalityRules)),
  lag: means(
    'How far an upstream may be behind the head.',
    record({
      freshBlocks: means('Up to here an upstream counts as fresh.', integer(0, 1_000_000)),
      criticalBlocks: means(
        'From here on it gets no traffic; more than `lag.freshBlocks`.',
        integer(1, 1_000_000),
      ),
    }),
  ),
  header: means(
    "How a block's hash is made from its header; unknown is safe, and switches recomputing off.",
    oneOf('ethereum', 'optimism', 'arbitrum', 'celo', 'unknown'),
  ),
  trie: means(
    'How transactions, receipts and state are hashed into roots; unknown is safe.',
    oneOf('ethereum', 'unknown'),
  ),
  currency: means(
    'What fees are paid in.',
    record({
      name: means('Its name.', text(line, lineWords)),
      symbol: means(
        'Its sign.',
        text(/^[\p{L}\p{N}\p{P}\p{S}]{1,16}$/u, '1 to 16 characters without spaces'),
      ),
      decimals: means('Digits after the point.', integer(0, 36)),
    }),
  ),
  explorerUrl: means(
    'A block explorer, where there is one.',
    optional(text(/^https:\/\/[^\s/]+(\/[^\s/]+)*$/, 'an https:// URL without a trailing slash')),
  ),
} satisfies Record<keyof ChainDefinition, Rule>)

/** Every field of a chain definition, in the order they are usually written in. */
export const definitionFields: readonly DefinitionField[] = definitionRule.fields ?? []

function means(meaning: string, rule: Rule): Rule {
  return { ...rule, meaning }
}

function record(fields: Record<string, Rule>): Rule {
  const check = (value: unknown, path: string): string[] => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const at = (field: string) => (path === '' ? field : `${path}.${field}`)
    const unknown = Object.keys(value).filter((field) => !Object.hasOwn(fields, field))
    return [
      ...Object.entries(fields).flatMap(([field, rule]) => rule.check(value[field], at(field))),
      ...unknown.map((field) => `\`${at(field)}\` is not a field of a chain definition`),
    ]
  }
  return { check, allowed: 'an object', fields: Object.entries(fields).flatMap(fieldsOf) }
}

/** A field and those below it, each with its path. */
function fieldsOf([path, rule]: [string, Rule]): DefinitionField[] {
  const { allowed, isOptional = false, meaning = '', fields = [] } = rule
  const below = fields.map((field) => ({ ...field, path: `${path}.${field.path}` }))
  return [{ path, allowed, isRequired: !isOptional, meaning }, ...below]
}

/** The rule for an object whose shape follows from the value of one of its fields. */
function variant(field: string, rules: Record<string, Rule>): Rule {
  const choice = oneOf(...Object.keys(rules))
  const check = (value: unknown, path: string): string[] => {
    if (!isObject(value)) return [refusal(value, path, 'an object')]
    const named = Object.entries(rules).find(([name]) => name === value[field])
    return named === undefined
      ? choice.check(value[field], `${path}.${field}`)
      : named[1].check(value, path)
  }
  const meaning = Object.entries(rules).map(([name, rule]) => `${name}: ${rule.meaning}`)
  const chosen = means(`${meaning.join('; ')}.`, choice)
  const fields = [...fieldsOf([field, chosen]), ...fieldsOfSome(field, rules)]
  return { check, allowed: 'an object', fields }
}

/** The other fields of an object of several shapes, each with the shapes that have it. */
function fieldsOfSome(chooser: string, rules: Record<string, Rule>): DefinitionField[] {
  const all = Object.entries(rules).flatMap(([shape, { fields = [] }]) =>
    fields.map((field) => ({ shape, field })),
  )
  const byPath = Map.groupBy(
    all.filter(({ field }) => field.path !== chooser),
    ({ field }) => field.path,
  )
  return [...byPath.values()].flatMap((same) => {
    const shapes = same.map(({ shape }) => shape).join(' and ')
    return same.slice(0, 1).map(({ field }) => ({
      ...field,
      meaning: `${field.meaning} With ${shapes} only.`,
    }))
  })
}

function optional(rule: Rule): Rule {
  return {
    ...rule,
    isOptional: true,
    check: (value, path) => (value === undefined ? [] : rule.check(value, path)),
  }
}

function text(pattern: RegExp, allowed: string): Rule {
  return {
    allowed,
    check: (value, path) =>
      typeof value === 'string' && pattern.test(value) ? [] : [refusal(value, path, allowed)],
  }
}

function integer(min: number, max: number): Rule {
  const allowed = `an integer from ${min} to ${max}`
  return {
    allowed,
    check: (value, path) =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
        ? []
        : [refusal(value, path, allowed)],
  }
}

function oneOf(...values: readonly (string | boolean)[]): Rule {
  const list = values.map((item) => JSON.stringify(item)).join(', ')
  const allowed = values.length === 1 ? list : `one of ${list}`
  return {
    allowed,
    check: (value, path) =>
      values.some((item) => item === value) ? [] : [refusal(value, path, allowed)],
  }
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
