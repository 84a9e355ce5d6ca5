import { readFile } from 'node:fs/promises'
import type { ChainDefinition } from '@mooring/chains/chain'
import { parseChainDefinition } from '@mooring/chains/definition-schema'
import { chainDefinitions } from '@mooring/chains/definitions'
import { type ParsedPriceTable, parsePriceTable } from '@mooring/market/pricing/parse-table'
import type { PriceTable } from '@mooring/market/pricing/price-table'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import type { Environment } from '@mooring/settings/environment'
import { checkSettings, inOrder } from '@mooring/settings/load'
import { readNamedFile } from '@mooring/settings/named-file'
import type { Report, SettingsProblem } from '@mooring/settings/problems'
import { readSource, type Source } from '@mooring/settings/source'
import { membersOf, type Path, textOf, valueAt } from '@mooring/settings/values'
import type { z } from 'zod'
import { type Identity, readIdentity } from './agents/identity.ts'
import { type ChainConfig, configSchema, type GatewayConfig } from './config.ts'
import { providerNamePattern } from './market/node-upstreams.ts'

export type LoadedConfig =
  | { ok: true; config: GatewayConfig }
  | { ok: false; problems: SettingsProblem[] }

/**
 * Reads a configuration file, YAML or TypeScript (`export default { … }`).
 *
 * @param environment - Where `${VARIABLE}` is looked up.
 * @returns The configuration, or every problem found, not only the first.
 */
export async function loadConfig(file: string, environment: Environment): Promise<LoadedConfig> {
  const problems: SettingsProblem[] = []
  const source = await readSource(file, problems)
  if (source === undefined) return { ok: false, problems }
  const loaded = parseConfig(source, environment)
  if (!loaded.ok) return loaded
  const report: Report = (path, message) => {
    problems.push({ path: textOf(path), line: source.lineOf(path), message })
  }
  const identity = readIdentityOf(loaded.config, report)
  const prices = await loadPrices(loaded.config, report)
  const deployment = await loadDeployment(loaded.config, report)
  reportTwoDeployments(loaded.config, { deployment, identity }, report)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, config: Object.freeze({ ...loaded.config, prices, deployment }) }
}

function readIdentityOf({ identity }: GatewayConfig, report: Report): Identity | undefined {
  const read = identity && readIdentity(identity)
  if (read === undefined || !('message' in read)) return read
  report(['identity', read.setting], read.message)
  return undefined
}

/** Nodes that the market finds have their keys and their gateways in one registry and one set. */
function reportTwoDeployments(
  { market, identity: settings }: GatewayConfig,
  { deployment, identity }: { deployment: Deployment | undefined; identity: Identity | undefined },
  report: Report,
): void {
  if (deployment === undefined || identity === undefined) return
  const { chainId, parts } = identity.deployment
  if (chainId === deployment.chainId && Bun.deepEquals(parts, deployment.parts)) return
  const message = `${settings?.deployment} is of another deployment than ${market?.deployment}, which market.deployment names: name the same file in both`
  report(['identity', 'deployment'], message)
}

async function loadPrices(
  { meter }: GatewayConfig,
  report: Report,
): Promise<PriceTable | undefined> {
  if (meter?.prices === undefined) return undefined
  const parsed = await readPrices(meter.prices)
  if (parsed.ok) return parsed.table
  for (const problem of parsed.problems) {
    report(['meter', 'prices'], `${meter.prices}: ${problem}`)
  }
  return undefined
}

async function loadDeployment(
  { market, access }: GatewayConfig,
  report: Report,
): Promise<Deployment | undefined> {
  if (market === undefined) return undefined
  const tell = (message: string) => report(['market', 'deployment'], message)
  const file = market.deployment
  const deployment = await readNamedFile({ file, parse: parseDeployment, tell })
  if (deployment === undefined || access === undefined) return deployment
  const isSame =
    access.chainId === deployment.chainId &&
    access.ankrEscrow === deployment.parts.ankrEscrow.toLowerCase()
  if (!isSame) tell(`${file} is of another deployment than access.chainId and access.ankrEscrow`)
  return deployment
}

async function readPrices(file: string): Promise<ParsedPriceTable> {
  try {
    return parsePriceTable(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : 'cannot be read'
    return { ok: false, problems: [why] }
  }
}

/** As `loadConfig`, of a value that is read already. */
export function parseConfig(source: Source, environment: Environment): LoadedConfig {
  const { value, parsed, problems, report } = checkSettings(configSchema, source, environment)
  const definitions = definitionsOf(value, report)
  reportDoubles(value, report)
  reportUpstreams(value, report)
  if (parsed.success) reportConflicts(parsed.data, report)
  if (!parsed.success || problems.length > 0) return { ok: false, problems: inOrder(problems) }
  const chains = Object.entries(parsed.data.chains).flatMap(([name, chain]): ChainConfig[] => {
    const definition = definitions.get(name)
    if (definition === undefined) return []
    const pollIntervalMs = chain.pollIntervalMs ?? pollIntervalOf(definition)
    return [{ definition, pollIntervalMs, upstreams: chain.upstreams }]
  })
  return {
    ok: true,
    config: Object.freeze({ ...parsed.data, chains, prices: undefined, deployment: undefined }),
  }
}

const pollIntervalMsMin = 1_000
const pollIntervalMsMax = 6_000

function pollIntervalOf({ blockTimeMs }: ChainDefinition): number {
  return Math.min(pollIntervalMsMax, Math.max(pollIntervalMsMin, blockTimeMs))
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

/** Settings that are right each by itself, but not together. */
function reportConflicts(config: z.output<typeof configSchema>, report: Report): void {
  const { listen, admin } = config
  if (listen.port !== 0 && listen.port === admin.port && meet(listen.host, admin.host)) {
    const where = listen.host === admin.host ? '' : `, and ${listen.host} and ${admin.host} overlap`
    report(['admin', 'port'], `port ${admin.port} is listen.port already${where}`)
  }
  reportAgents(config, report)
  for (const [tier, { batchMax, burstRequests, inFlightMax }] of Object.entries(config.tiers)) {
    const most = Math.min(burstRequests, inFlightMax)
    if (batchMax <= most) continue
    const message = `a batch of ${batchMax} could never be admitted: burstRequests and inFlightMax allow ${most}`
    report(['tiers', tier, 'batchMax'], message)
  }
}

/** Nodes of a chain are named here, or found on the settlement chain, under names that are kept for those. */
function reportUpstreams(value: unknown, report: Report): void {
  const hasMarket = valueAt(value, ['market']) !== undefined
  for (const [chain, { upstreams = [] }] of recordsOf(valueAt(value, ['chains']))) {
    const path = ['chains', chain, 'upstreams']
    if (!hasMarket && Array.isArray(upstreams) && upstreams.length === 0) {
      const message =
        'at least one upstream; or set market, and nodes that are registered on chain serve it'
      report(path, message)
    }
    if (!hasMarket) continue
    for (const [at, { provider }] of recordsOf(upstreams)) {
      if (typeof provider !== 'string' || !providerNamePattern.test(provider)) continue
      const message = `${provider} is what a provider of the settlement chain is called while market is set: take another name`
      report([...path, Number(at), 'provider'], message)
    }
  }
}

function reportAgents({ chains, identity }: z.output<typeof configSchema>, report: Report): void {
  for (const [chain, { upstreams }] of Object.entries(chains)) {
    for (const [at, { agent, url }] of upstreams.entries()) {
      if (agent === undefined) continue
      const path = ['chains', chain, 'upstreams', at]
      const { protocol, hostname } = new URL(url)
      if (protocol === 'http:' && !loopback.test(hostname)) {
        const message = 'an agent elsewhere is reached by https: what a session bears could be read'
        report([...path, 'url'], message)
      }
      if (identity !== undefined) continue
      const message = 'needs `identity`: an agent serves members of the set of gateways only'
      report([...path, 'agent'], message)
    }
  }
}

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

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
