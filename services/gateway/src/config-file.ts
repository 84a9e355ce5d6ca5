import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ChainDefinition } from '@mooring/chains/chain'
import { parseChainDefinition } from '@mooring/chains/definition-schema'
import { chainDefinitions } from '@mooring/chains/definitions'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type ChainConfig, configSchema, type GatewayConfig } from './config.ts'

export type ConfigProblem = { path: string; line: number | null; message: string }

export type LoadedConfig =
  | { ok: true; config: GatewayConfig }
  | { ok: false; problems: ConfigProblem[] }

type Environment = Readonly<Record<string, string | undefined>>
type Path = readonly PropertyKey[]
type Report = (path: Path, message: string) => void
export type Source = { value: unknown; lineOf: (path: Path) => number | null }

/**
 * Reads a configuration file, YAML or TypeScript (`export default { … }`).
 *
 * @param environment - Where `${VARIABLE}` is looked up.
 * @returns The configuration, or every problem found, not only the first.
 */
export async function loadConfig(file: string, environment: Environment): Promise<LoadedConfig> {
  const problems: ConfigProblem[] = []
  const source = await readSource(file, problems)
  return source === undefined ? { ok: false, problems } : parseConfig(source, environment)
}

/** As `loadConfig`, of a value that is read already. */
export function parseConfig(source: Source, environment: Environment): LoadedConfig {
  const problems: ConfigProblem[] = []
  const report: Report = (path, message) => {
    problems.push({ path: textOf(path), line: source.lineOf(path), message })
  }
  const value = expand(source.value, [], environment, report)
  const known = new Set(problems.map(({ path }) => path))
  const parsed = configSchema.safeParse(value)
  for (const issue of parsed.error?.issues ?? []) {
    // A text with a variable that is missing is told once, not also for what is left of it.
    if (!known.has(textOf(issue.path))) reportIssue(issue, value, report)
  }
  const definitions = definitionsOf(value, report)
  reportDoubles(value, report)
  if (parsed.success) reportConflicts(parsed.data, report)
  if (!parsed.success || problems.length > 0) {
    return { ok: false, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) }
  }
  const chains = Object.entries(parsed.data.chains).flatMap(([name, chain]): ChainConfig[] => {
    const definition = definitions.get(name)
    if (definition === undefined) return []
    const pollIntervalMs = chain.pollIntervalMs ?? pollIntervalOf(definition)
    return [{ definition, pollIntervalMs, upstreams: chain.upstreams }]
  })
  return { ok: true, config: Object.freeze({ ...parsed.data, chains }) }
}

const pollIntervalMsMin = 1_000
const pollIntervalMsMax = 6_000

function pollIntervalOf({ blockTimeMs }: ChainDefinition): number {
  return Math.min(pollIntervalMsMax, Math.max(pollIntervalMsMin, blockTimeMs))
}

async function readSource(file: string, problems: ConfigProblem[]): Promise<Source | undefined> {
  try {
    if (/\.[mc]?[jt]s$/.test(file)) return await readModule(file, problems)
    return readYaml(await readFile(file, 'utf8'), problems)
  } catch (error) {
    problems.push({ path: '', line: null, message: `the file cannot be read: ${whyNot(error)}` })
    return undefined
  }
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return systemErrors[code] ?? (error instanceof Error ? error.message : String(error))
}

async function readModule(file: string, problems: ConfigProblem[]): Promise<Source | undefined> {
  // Read only to learn whether it can be: an import tells a file that is missing in other words.
  await readFile(file)
  const path = resolve(file)
  try {
    // A module is kept once it is read; another query has a reload read it again.
    const module: { default?: unknown } = await import(`${path}?read=${crypto.randomUUID()}`)
    if ('default' in module) return { value: module.default, lineOf: () => null }
    const message = 'the file exports no configuration: write `export default { … }`'
    problems.push({ path: '', line: null, message })
  } catch (error) {
    problems.push(...problemsOfModule(error, path))
  }
  return undefined
}

/** Why a module gives no value. What it throws or quotes may hold a key, so only names and places are told. */
function problemsOfModule(error: unknown, file: string): ConfigProblem[] {
  const { position, specifier, errors, name, code, stack } = Object(error) as FromModule
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.flatMap((one) => problemsOfModule(one, file))
  }
  if (typeof specifier === 'string') {
    return [{ path: '', line: null, message: `the file imports ${specifier}, which is not there` }]
  }
  if (position) {
    const isHere = position.file === file
    const what = isHere ? 'this' : `${position.file}:${position.line}`
    const message = `${what} is not TypeScript, from column ${position.column} on`
    return [{ path: '', line: isHere ? position.line : null, message }]
  }
  const words = [name, code].filter((word) => /^[A-Za-z_]{1,40}$/.test(String(word ?? '')))
  const what = words.length === 0 ? 'something' : words.join(' ')
  const message = `the file threw ${what}; its message is left out, since it may hold a key`
  return [{ path: '', line: lineIn(file, String(stack)), message }]
}

/** What Bun says of a module that cannot be built or resolved, and what an error of any kind has. */
type FromModule = {
  position?: { file: string; line: number; column: number } | null
  specifier?: unknown
  errors?: unknown
  name?: unknown
  code?: unknown
  stack?: unknown
}

/** The line of a file that a stack trace names first. */
function lineIn(file: string, stack: string): number | null {
  const [, rest] = stack.split(`${file}:`)
  const line = Number.parseInt(rest ?? '', 10)
  return Number.isNaN(line) ? null : line
}

function readYaml(text: string, problems: ConfigProblem[]): Source | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of document.errors) {
    const message =
      error.code === 'MULTIPLE_DOCS'
        ? 'the file holds several YAML documents: keep one'
        : error.message
    problems.push({ path: '', line: lines.linePos(error.pos[0]).line, message })
  }
  if (problems.length > 0) return undefined
  const lineOf = (path: Path): number | null => {
    // The nearest member that exists: a missing setting is reported where it should stand.
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      const range = (node as { range?: readonly number[] } | undefined)?.range
      if (range?.[0] !== undefined) return lines.linePos(range[0]).line
    }
    return null
  }
  return { value: document.toJS({ maxAliasCount: 100 }) ?? {}, lineOf }
}

/** Replaces `${VARIABLE}` in every text, so that secrets stay out of the file. */
function expand(value: unknown, path: Path, environment: Environment, report: Report): unknown {
  if (path.length > nestingMax) {
    report(
      path.slice(0, 2),
      `nested deeper than ${nestingMax} levels: does an alias contain itself?`,
    )
    return null
  }
  if (typeof value === 'string') {
    return value.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      const found = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? environment[name] : undefined
      if (found === undefined) report(path, `the environment has no variable "${name}"`)
      return found ?? ''
    })
  }
  if (Array.isArray(value)) {
    return value.map((item, at) => expand(item, [...path, at], environment, report))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [
    name,
    expand(member, [...path, name], environment, report),
  ])
  return Object.fromEntries(members)
}

const nestingMax = 16

/** Types in the words of the file rather than of the library. */
const typeNames: Readonly<Record<string, string>> = {
  record: 'a mapping of names',
  object: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
}

function reportIssue(issue: z.core.$ZodIssue, whole: unknown, report: Report): void {
  if (issue.code === 'invalid_type') {
    const wanted = typeNames[issue.expected] ?? issue.expected
    const isMissing = valueAt(whole, issue.path) === undefined
    report(issue.path, isMissing ? `is missing: it has to be ${wanted}` : `has to be ${wanted}`)
    return
  }
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...issue.path, key], 'there is no such setting')
    return
  }
  report(issue.path, issue.message.replace(/^Invalid input: /, ''))
}

const reservedPaths: ReadonlySet<string> = new Set(['multichain', 'status', 'v1'])

/** A chain is one that Mooring ships, or one that the file describes in full. */
function definitionsOf(value: unknown, report: Report): Map<string, ChainDefinition> {
  const found = new Map<string, ChainDefinition>()
  for (const [name, chain] of membersOf(membersOf(value).find(([key]) => key === 'chains')?.[1])) {
    const described = membersOf(chain).find(([key]) => key === 'definition')?.[1]
    const shipped = chainDefinitions.get(name)
    if (reservedPaths.has(name))
      report(['chains', name], `the path /${name} has another meaning here`)
    else if (described !== undefined) {
      const parsed = parseChainDefinition(described, name)
      if (parsed.ok) found.set(name, parsed.definition)
      else for (const problem of parsed.problems) report(['chains', name, 'definition'], problem)
    } else if (shipped !== undefined) found.set(name, shipped)
    else {
      const message = `Mooring ships no chain ${name}: use a name of "mooring chains", or describe it under definition`
      report(['chains', name], message)
    }
  }
  return found
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** Settings that are right each by itself, but not together. */
function reportConflicts(config: z.output<typeof configSchema>, report: Report): void {
  const { listen, admin } = config
  if (listen.port !== 0 && listen.port === admin.port && meet(listen.host, admin.host)) {
    const where = listen.host === admin.host ? '' : `, and ${listen.host} and ${admin.host} overlap`
    report(['admin', 'port'], `port ${admin.port} is listen.port already${where}`)
  }
  for (const [tier, { batchMax, burstRequests, inFlightMax }] of Object.entries(config.tiers)) {
    const most = Math.min(burstRequests, inFlightMax)
    if (batchMax <= most) continue
    const message = `a batch of ${batchMax} could never be admitted: burstRequests and inFlightMax allow ${most}`
    report(['tiers', tier, 'batchMax'], message)
  }
}

/** Whether two hosts stand for an address they have in common, so that a port can be had at one of them only. */
function meet(one: string, other: string): boolean {
  const others = addressesOf(other)
  return addressesOf(one).some((address) => others.some((another) => covers(address, another)))
}

function addressesOf(host: string): string[] {
  return host.toLowerCase() === 'localhost' ? ['127.0.0.1', '::1'] : [host.toLowerCase()]
}

/** Linux takes `::` for every address of both versions. */
function covers(one: string, other: string): boolean {
  if (one === other || one === '::' || other === '::') return true
  return (one === '0.0.0.0' && !other.includes(':')) || (other === '0.0.0.0' && !one.includes(':'))
}

/** What must be unique. Read from the value as it stands, so that it is told beside other problems. */
function reportDoubles(value: unknown, report: Report): void {
  const keys = valueAt(value, ['keys'])
  reportTwice(keys, ['keys'], report, { what: 'the key', part: 'key', of: ({ key }) => key })
  reportTwice(keys, ['keys'], report, { what: 'the name', part: 'name', of: ({ name }) => name })
  for (const [chain, { upstreams }] of recordsOf(valueAt(value, ['chains']))) {
    const path = ['chains', chain, 'upstreams']
    const idOf = ({ provider, name }: Members) => provider !== undefined && `${provider}/${name}`
    reportTwice(upstreams, path, report, { what: 'the provider and name', part: 'name', of: idOf })
    reportTwice(upstreams, path, report, { what: 'the address', part: 'url', of: ({ url }) => url })
  }
}

type Members = Readonly<Record<string, unknown>>

/** Members that hold members of their own; a member of what holds none is undefined. */
function recordsOf(value: unknown): [string, Members][] {
  return membersOf(value).map(([name, member]) => [name, Object(member)])
}

function reportTwice(
  list: unknown,
  path: Path,
  report: Report,
  { what, part, of }: { what: string; part: string; of: (item: Members) => unknown },
): void {
  const seen = new Set<unknown>()
  for (const [at, item] of recordsOf(list)) {
    const mark = of(item)
    if (typeof mark !== 'string' || mark === '') continue
    if (seen.has(mark)) report([...path, Number(at), part], `${what} stands twice`)
    seen.add(mark)
  }
}

function valueAt(whole: unknown, path: Path): unknown {
  let value = whole
  for (const part of path) value = membersOf(value).find(([name]) => name === String(part))?.[1]
  return value
}

/** `chains.eth.upstreams[0].url` */
function textOf(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
