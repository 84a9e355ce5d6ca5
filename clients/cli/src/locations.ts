import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { isRecord, parseJson } from './http.ts'

/** The two ports of a gateway, for consumers and for its operator, and the one of the books. */
export type Port = 'gateway' | 'admin' | 'billing'

/** A URL without a trailing slash, and how it came to be chosen, for the message when it is dead. */
export type Location = { url: string; origin: string }

const ports = {
  gateway: { flag: '--gateway', variable: 'MOORING_GATEWAY', fallback: 'http://127.0.0.1:8545' },
  admin: { flag: '--admin', variable: 'MOORING_ADMIN', fallback: 'http://127.0.0.1:8546' },
  billing: { flag: '--billing', variable: 'MOORING_BILLING', fallback: 'http://127.0.0.1:8580' },
} as const satisfies Record<Port, { flag: string; variable: string; fallback: string }>

/** Where it is: the flag, else the environment, else a running local network, else the default port. */
export function locate(context: Context, port: Port, flag?: string): Location {
  const { variable, fallback } = ports[port]
  if (flag !== undefined) return parseLocation(flag, ports[port].flag)
  const fromEnvironment = context.env[variable]
  if (fromEnvironment) return parseLocation(fromEnvironment, variable)
  return locateNetwork(context, port) ?? { url: fallback, origin: 'the default' }
}

/**
 * The admin port of the gateway a request goes to. A gateway that was named has none that could be
 * guessed, unless it is that of the local network.
 */
export function locateAdminOf(
  context: Context,
  gateway: Location,
  flags: { gateway?: string; admin?: string },
): Location {
  const isNamed = (port: Exclude<Port, 'billing'>) =>
    flags[port] !== undefined || context.env[ports[port].variable]
  if (isNamed('admin') || !isNamed('gateway')) return locate(context, 'admin', flags.admin)
  const network = readNetwork(context)
  const url = network?.urls.gateway
  if (typeof url === 'string' && isSameAddress(url, gateway.url)) return locate(context, 'admin')
  throw new CommandError(
    'badInput',
    `--trace asks the admin port of the gateway, and where that of ${gateway.url} (from ${gateway.origin}) is\n` +
      'nobody said: add --admin URL, or set MOORING_ADMIN.',
  )
}

/** Nothing answers there. */
export function unreachable(port: Port, location: Location, detail: string): CommandError {
  const { flag, variable } = ports[port]
  if (port === 'billing') {
    return new CommandError(
      'unreachable',
      `No billing service answers at ${location.url} (from ${location.origin}): ${detail}.\n` +
        `Start \`npx mooring up\` (local network), or name one with ${flag} URL or ${variable}.`,
    )
  }
  const what = port === 'gateway' ? 'gateway' : "gateway's admin port"
  return new CommandError(
    'unreachable',
    `No ${what} answers at ${location.url} (from ${location.origin}): ${detail}.\n` +
      'Start one with `npx mooring up` (local network) or `npx mooring gateway --config FILE`,\n' +
      `or name another with ${flag} URL or ${variable}.`,
  )
}

export function networkFileOf(folder: string): string {
  return join(folder, '.mooring/network.json')
}

/**
 * Says in a sentence that the local network holds one of the ports, and how to stop it.
 *
 * @returns Undefined when no local network runs, or it holds none of them.
 */
export function networkHolding(context: Context, ports: readonly number[]): string | undefined {
  const network = readNetwork(context)
  const pid = network?.urls.pid
  if (network === undefined || typeof pid !== 'number' || !isRunning(pid)) return undefined
  const { gateway, admin, networkAdmin } = network.urls
  const held = [gateway, admin, networkAdmin].map((url) => Number(URL.parse(String(url))?.port))
  const found = ports.filter((port) => held.includes(port))
  if (found.length === 0) return undefined
  return `The local network (process ${pid}) holds ${found.length > 1 ? 'ports' : 'port'} ${found.join(' and ')}: stop it with Ctrl-C where it runs, or with \`kill ${pid}\`.`
}

/** A network that was killed leaves its file behind. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Another user's process is there, and may not be sent a signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function locateNetwork(context: Context, port: Port): Location | undefined {
  const network = readNetwork(context)
  if (network === undefined) return undefined
  const { file, urls } = network
  const url = urls[port]
  if (typeof url !== 'string') {
    throw new CommandError(
      'badInput',
      `${file} has no \`${port}\` URL: start \`npx mooring up\` again.`,
    )
  }
  return parseLocation(url, file)
}

/** What the local network says of itself while it runs. */
export function readNetwork(
  context: Context,
): { file: string; urls: Readonly<Record<string, unknown>> } | undefined {
  const folders = [
    ...foldersUpwards(context.cwd),
    ...(context.repository ? [context.repository] : []),
  ]
  const file = folders.map(networkFileOf).find((candidate) => existsSync(candidate))
  if (file === undefined) return undefined
  const urls = parseJson(readFileSync(file, 'utf8'))
  return { file, urls: isRecord(urls) ? urls : {} }
}

export function foldersUpwards(start: string): string[] {
  const folders = [start]
  for (let folder = start; folder !== dirname(folder); ) {
    folder = dirname(folder)
    folders.push(folder)
  }
  return folders
}

function parseLocation(text: string, origin: string): Location {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new CommandError(
      'badInput',
      `${origin}: ${JSON.stringify(text)} is not an http:// or https:// URL.`,
    )
  }
  const bare = new URL('/', url).href.slice(0, -1)
  if (url.href !== `${bare}/`) {
    throw new CommandError(
      'badInput',
      `${origin}: the address is host and port alone, without a path: use ${url.origin}.`,
    )
  }
  return { url: bare, origin }
}

/** The local network writes 127.0.0.1, people type localhost. */
function isSameAddress(one: string, other: string): boolean {
  const addressOf = (text: string) => URL.parse(text.replace('//localhost', '//127.0.0.1'))?.origin
  return addressOf(one) === addressOf(other)
}
