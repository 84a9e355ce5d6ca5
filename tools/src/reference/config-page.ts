import type { DefinitionField } from '@mooring/chains/definition-schema'
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

/** A whole configuration in TypeScript. */
export const configExample = `import type { GatewayConfigFile } from '@mooring/gateway/config'

const hosts = ['10.0.0.5', '10.0.0.6', '10.0.0.7']

export default {
  listen: { port: 8545 },
  keys: [{ name: 'my-dapp', key: '\${MY_DAPP_KEY}', tier: 'premium' }],
  chains: {
    eth: {
      upstreams: hosts.map((host, at) => ({
        provider: 'mine',
        name: \`geth-\${at + 1}\`,
        url: \`http://\${host}:8545\`,
      })),
    },
  },
} satisfies GatewayConfigFile
`

/** Seconds since 1970; the signature is shortened. */
const agreementExample = `{
  "account": "eip155:1:0x00000000000000000000000000000000000000aa",
  "tier": "enterprise",
  "limits": { "requestsPerSecond": 20000, "burstRequests": 40000 },
  "pools": ["blue"],
  "validFrom": 1767225600,
  "validUntil": 1798761600,
  "signature": "0x…"
}
`

/** The reference of every setting of the gateway, and of what describes a chain in it. */
export function configPage(schema: SettingSchema, fields: readonly DefinitionField[]): string {
  return pageOf('Configuration of the gateway', [
    'Every setting of the gateway, in YAML or TypeScript. Problems are reported all at once, with the line they stand in: `mooring config check FILE`. Source: `services/gateway/src/config.ts`.',
    '`[]` stands for each entry of a list and `{name}` for a name of your choice. In any text, a dollar sign before a `{NAME}` puts that variable of the environment in its place, so that keys need not stand in the file.',
    settingsTable(schema),
    '## A chain of your own',
    'Under `chains.{name}.definition` a chain that Mooring does not ship is described in full. [An example](../gateway.example.yaml) shows one in its place. Source: `packages/chains/src/definition-schema.ts`.',
    tableOf(
      ['Field', 'Allowed', 'Needed', 'Meaning'],
      fields.map(({ path, allowed, isRequired, meaning }) => [
        codeOf(path),
        allowed,
        isRequired ? '**required**' : 'no',
        meaning,
      ]),
    ),
    '## An agreement',
    'A file that `access.agreements` names grants one account more than its tier has, for a time: limits of its own, by the names above, and pools of upstreams. It is signed as EIP-712 typed data by one of `access.operators`, so that writing files at a gateway grants nothing; one that is not signed, has expired or says what nobody knows is reported and not used. The account still needs an access token that holds. Source: `packages/onchain/src/agreement-statement.ts`.',
    `\`\`\`json\n${agreementExample}\`\`\``,
    '## In TypeScript',
    'A file whose name ends in `.ts` (or `.mts`, `.js`, `.mjs`) is run, and what it exports by default is the configuration. It is for lists that a program can write better; the type has an editor complete the settings. Texts have their variables of the environment put in as in YAML. Problems are told by setting, without a line.',
    `\`\`\`ts\n${configExample}\`\`\``,
    'What such a file throws is told by the name and the line of the error alone, since its message may hold a key.',
  ])
}

/** The reference of every setting of a service that has nothing else to tell. */
export function settingsPage({
  service,
  source,
  schema,
}: {
  service: string
  source: string
  schema: SettingSchema
}): string {
  return pageOf(`Configuration of the ${service}`, [
    `Every setting of the ${service}, in YAML or TypeScript. Problems are reported all at once, with the line they stand in. Source: \`${source}\`.`,
    'In any text, a dollar sign before a `{NAME}` puts that variable of the environment in its place, so that keys need not stand in the file.',
    settingsTable(schema),
  ])
}

function settingsTable(schema: SettingSchema): string {
  return tableOf(
    ['Setting', 'Type', 'Default', 'Meaning'],
    settingsOf(schema).map(({ path, type, byDefault, meaning }) => [
      codeOf(path),
      type,
      byDefault,
      meaning,
    ]),
  )
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
