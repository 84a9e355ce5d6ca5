import { readdir } from 'node:fs/promises'

/** The unit of times in /proc on every Linux that programs see. */
const ticksPerSecond = 100
/** Deeper process trees are not measured here. */
const depthMax = 8

export type ProcessStat = {
  name: string
  /** User and system time of its own threads. */
  ownTicks: number
  /** The same of children that have ended and were waited for. */
  reapedTicks: number
}

/**
 * Reads one `/proc/{pid}/stat`. A program chooses its name, with spaces and brackets in it if it likes, so
 * the fields are counted from behind it.
 */
export function parseProcessStat(text: string): ProcessStat {
  const nameStart = text.indexOf('(')
  const nameEnd = text.lastIndexOf(')')
  const fields = text
    .slice(nameEnd + 2)
    .trim()
    .split(' ')
  const [user, system, reapedUser, reapedSystem] = fields.slice(11, 15).map(Number)
  if (nameStart === -1 || !Number.isInteger(reapedSystem)) throw new Error('not a process stat')
  return {
    name: text.slice(nameStart + 1, nameEnd),
    // The last of the four is a number, so the others are there.
    ownTicks: user! + system!,
    reapedTicks: reapedUser! + reapedSystem!,
  }
}

/** CPU time of a process and all below it since they started. Throws when the process has ended. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  return (await ticksOf(pid, 0)) / ticksPerSecond
}

/** Time one processor has been busy since the machine started, with whatever, from `/proc/stat`. */
export function parseBusySeconds(text: string, core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(text)?.[1]
  if (line === undefined) throw new Error(`there is no processor ${core}`)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line
    .split(' ')
    .map(Number)
  return (user + nice + system + irq + softIrq + steal) / ticksPerSecond
}

/** The same of several processors together, now. */
export async function busySecondsOf(cores: readonly number[]): Promise<number> {
  const text = await Bun.file('/proc/stat').text()
  return cores.reduce((sum, core) => sum + parseBusySeconds(text, core), 0)
}

async function ticksOf(pid: number, depth: number): Promise<number> {
  const { ownTicks, reapedTicks } = parseProcessStat(await Bun.file(`/proc/${pid}/stat`).text())
  if (depth >= depthMax) return ownTicks + reapedTicks
  const children = await childrenOf(pid)
  // A child that ends while it is looked for is counted with the reaped ones next time.
  const below = await Promise.all(children.map((child) => ticksOf(child, depth + 1).catch(() => 0)))
  return below.reduce((sum, ticks) => sum + ticks, ownTicks + reapedTicks)
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(
    threads.map((thread) =>
      Bun.file(`/proc/${pid}/task/${thread}/children`)
        .text()
        .catch(() => ''),
    ),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}
