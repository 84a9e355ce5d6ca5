import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SQL } from 'bun'
import { postgresUrl } from './postgres.ts'

/** The connections of a program that was killed are gone at once, or when what they last asked for is done. */
const useTimeoutMs = 3_000
/** What was written lately has to reach the disk before it ends. */
const endTimeoutMs = 60_000
const pauseMs = 100
const connectTimeoutSeconds = 2

/**
 * Makes way for a new PostgreSQL on data that another one may still hold, because the program that had started it was
 * killed: ends it when nobody is connected to it, and takes away the note of one that is gone. Throws when it is in use.
 *
 * @param data - Its folder, as an absolute path.
 */
export async function endLeftover(data: string, { password }: { password: string }): Promise<void> {
  const startMs = performance.now()
  for (;;) {
    const note = await readNote(data)
    // PostgreSQL itself takes over the note of a process that is gone.
    if (note === undefined || !isRunning(note.pid)) return
    // The number of a process that is gone may have been given to another one, as it is after a restart of the machine.
    const command = await commandOf(note.pid)
    if (command !== undefined && !command.includes(data)) {
      return await rm(join(data, noteName), { force: true })
    }
    const others = await sessionsOf(note, { data, password })
    if (others === 0) process.kill(note.pid, 'SIGINT')
    const tookMs = performance.now() - startMs
    if (tookMs > (others ? useTimeoutMs : endTimeoutMs)) throw inTheWay(data, note, others)
    await sleep(pauseMs)
  }
}

function inTheWay(data: string, { pid }: Note, others: number | undefined): Error {
  const what = `the PostgreSQL of ${data} runs already, as process ${pid}`
  return others
    ? new Error(`${what}, and another program uses it: stop that one, or name another folder`)
    : new Error(`${what}, and does not end: see what it waits for, end it, and start again`)
}

/** What a running PostgreSQL writes beside its data. */
type Note = { pid: number; port: number }
const noteName = 'postmaster.pid'

async function readNote(data: string): Promise<Note | undefined> {
  const text = await readFile(join(data, noteName), 'utf8').catch(() => '')
  const [pid, , , port] = text.split('\n').map(Number)
  return pid !== undefined && pid > 0 ? { pid, port: port || 0 } : undefined
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Of somebody else, but there.
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** @returns With its arguments; undefined where this system does not tell. */
async function commandOf(pid: number): Promise<string | undefined> {
  const fromSystem = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (fromSystem !== '') return fromSystem
  const asked = spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'args='], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout : undefined
}

/** @returns How many others are connected to it; undefined when what answers there, if anything, is not it. */
async function sessionsOf(
  { port }: Note,
  { data, password }: { data: string; password: string },
): Promise<number | undefined> {
  try {
    const url = postgresUrl(port, password)
    await using sql = new SQL(url, { max: 1, connectionTimeout: connectTimeoutSeconds })
    const [row] = await sql<{ folder: string; others: number }[]>`
      select current_setting('data_directory') as folder, (
        select count(*)::int from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()
      ) as others`
    return row?.folder === data ? row.others : undefined
  } catch {
    return undefined
  }
}
