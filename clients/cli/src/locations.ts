import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { isRecord, parseJson } from './http.ts'

/** The two ports of a gateway: for consumers, and for its operator. */
export type Port = 'gateway' | 'admin'

/** A URL without a trailing slash, and how it came to be chosen, for the message when it is dead. */
export type Location = { url: string; origin: string }

const ports = {
  gateway: { flag: '--gateway', variable: 'MOORING_GATEWAY', fallback: 'http://127.0.0.1:8545' },
  admin: { flag: '--admin', variable: 'MOORING_ADMIN', fallback: 'http://127.0.0.1:8546' },
} as const satisfies Record<Port, { flag: string; variable: string; fallback: string }>

/** Where it is: the flag, else the environment, else a running local network, else the default port. */
export function locate(context: Context, port: Port, flag: string | undefined): Location {
  const { variable, fallback } = ports[port]
  if (flag !== undefined) return parseLocation(flag, ports[port].flag)
  const fromEnvironment = context.env[variable]
  if (fromEnvironment) return parseLocation(fromEnvironment, variable)
  return locateNetwork(context, port) ?? { url: fallback, origin: 'the default' }
}

/** Nothing answers there. */
export function unreachable(port: Port, location: Location, detail: string): CommandError {
  const { flag, variable } = ports[port]
  const what = port === 'gateway' ? 'gateway' : "gateway's admin port"
  return new CommandError(
    'unreachable',
    `No ${what} answers at ${location.url} (from ${location.origin}): ${detail}.\n` +
      'Start one with `mooring up` (local network) or `mooring gateway --config FILE`,\n' +
      `or name another with ${flag} URL or ${variable}.`,
  )
}

export function networkFileOf(folder: string): string {
  return join(folder, '.mooring/network.json')
}

function locateNetwork(context: Context, port: Port): Location | undefined {
  const folders = [
    ...foldersUpwards(context.cwd),
    ...(context.repository ? [context.repository] : []),
  ]
  const file = folders.map(networkFileOf).find((candidate) => existsSync(candidate))
  if (file === undefined) return undefined
  const network = parseJson(readFileSync(file, 'utf8'))
  const url = isRecord(network) ? network[port] : undefined
  if (typeof url !== 'string') {
    throw new CommandError(
      'badInput',
      `${file} has no \`${port}\` URL: start \`mooring up\` again.`,
    )
  }
  return parseLocation(url, file)
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
  return { url: text.replace(/\/+$/, ''), origin }
}
