import { codeOf, numberOf, pageOf, tableOf } from './markdown.ts'

/** The parts of a JSON Schema that a settings reference is made of. */
export type SettingSchema = {
  type?: string
  description?: string
  default?: unknown
  enum?: readonly unknown[]
  const?: unknown
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  properties?: Readonly<Record<string, SettingSchema>>
  required?: readonly string[]
  additionalProperties?: SettingSchema | boolean
  items?: SettingSchema
  anyOf?: readonly SettingSchema[]
}

export type Setting = { path: string; type: string; byDefault: string; meaning: string }

/** The reference of every setting of the gateway. */
export function configPage(schema: SettingSchema): string {
  return pageOf('Configuration of the gateway', [
    'Every setting of the gateway, in YAML or TypeScript. Problems are reported all at once, with the line they stand in: `mooring config check FILE`. Source: `services/gateway/src/config.ts`.',
    '`[]` stands for each entry of a list and `{name}` for a name of your choice. In any text, a dollar sign before a `{NAME}` puts that variable of the environment in its place, so that keys need not stand in the file.',
    tableOf(
      ['Setting', 'Type', 'Default', 'Meaning'],
      settingsOf(schema).map(({ path, type, byDefault, meaning }) => [
        codeOf(path),
        type,
        byDefault,
        meaning,
      ]),
    ),
  ])
}

/** Every setting below a schema, in the order of the schema; a group of settings has a row when it has a meaning. */
export function settingsOf(schema: SettingSchema, path = '', inherited?: unknown): Setting[] {
  const byDefault = inherited ?? schema.default
  const below = childrenOf(schema).flatMap(({ path: step, child, isRequired }) =>
    settingsOf(
      child,
      path + step,
      memberOf(byDefault, step) ?? (isRequired ? required : undefined),
    ),
  )
  const isGroup = below.length > 0 && schema.properties !== undefined
  const isRow = path !== '' && (!isGroup || schema.description !== undefined)
  const own = { path: path.slice(1), type: typeOf(schema), meaning: schema.description ?? '' }
  return isRow
    ? [{ ...own, byDefault: isGroup ? 'see below' : defaultWords(byDefault) }, ...below]
    : below
}

const required = Symbol('required')

function childrenOf(
  schema: SettingSchema,
): { path: string; child: SettingSchema; isRequired: boolean }[] {
  const members = Object.entries(schema.properties ?? {}).map(([name, child]) => ({
    path: `.${name}`,
    child,
    isRequired: (schema.required ?? []).includes(name) && child.default === undefined,
  }))
  const each = schema.additionalProperties
  const isMap = typeof each === 'object' && Object.keys(each).length > 0
  return [
    ...members,
    ...(isMap ? [{ path: '.{name}', child: each, isRequired: false }] : []),
    ...(schema.items ? [{ path: '[]', child: schema.items, isRequired: false }] : []),
  ]
}

function memberOf(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([name]) => `.${name}` === step)?.[1]
}

function typeOf(schema: SettingSchema): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.enum) return schema.enum.map((value) => codeOf(String(value))).join(', ')
  if (schema.const !== undefined) return codeOf(String(schema.const))
  if (schema.type === 'array') return 'list'
  if (schema.type === 'object') return schema.properties ? 'group' : 'map'
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  return isNumber ? `${schema.type}${rangeOf(schema)}` : (schema.type ?? 'any')
}

/** Bounds of a safe integer are no limit of ours. */
function rangeOf({ minimum: least, exclusiveMinimum, maximum }: SettingSchema): string {
  const minimum = exclusiveMinimum === undefined ? least : exclusiveMinimum + 1
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? numberOf(minimum) : ''
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? numberOf(maximum) : ''
  if (low !== '' && high !== '') return ` ${low} to ${high}`
  if (high !== '') return ` up to ${high}`
  return low === '' ? '' : ` from ${low}`
}

function defaultWords(value: unknown): string {
  if (value === required) return '**required**'
  if (value === undefined) return '–'
  if (typeof value === 'number') return codeOf(value)
  if (typeof value === 'string') return value === '' ? 'empty' : codeOf(value)
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return isEmpty ? 'none' : codeOf(JSON.stringify(value))
}
