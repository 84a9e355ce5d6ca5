import { pinnedTo, runProgram } from './programs.ts'

/** Programs by the Debian package that holds them. */
const packageOf = { haproxy: 'haproxy', wrk: 'wrk', taskset: 'util-linux' } as const
export type RequiredProgram = keyof typeof packageOf

const updateTimeoutMs = 120_000
const installTimeoutMs = 300_000

/** Makes sure the programs are there; root on a machine with apt gets them installed. Throws with what to do. */
export async function requirePrograms(
  programs: readonly RequiredProgram[],
  { say, signal }: { say: (message: string) => void; signal: AbortSignal },
): Promise<void> {
  const missing = programs.filter((program) => find(program) === null)
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((program) => packageOf[program]))]
  if (process.getuid?.() !== 0 || Bun.which('apt-get') === null) throw new Error(advice(packages))
  say(`installing ${packages.join(' and ')} with apt-get …`)
  const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  await runProgram({ command: [...aptGet, 'update'], timeoutMs: updateTimeoutMs, signal })
  await runProgram({
    command: [...aptGet, 'install', '-y', '--no-install-recommends', ...packages],
    timeoutMs: installTimeoutMs,
    signal,
  })
  if (programs.some((program) => find(program) === null)) throw new Error(advice(packages))
}

/** A benchmark keeps the program under test and its load apart, so it needs a processor for each. */
export async function requireTwoCores(signal: AbortSignal): Promise<void> {
  try {
    await runProgram({ command: pinnedTo(1, ['true']), timeoutMs: 5_000, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error('this needs processors 0 and 1: allow this process both', { cause })
  }
}

/** Where the program is. Throws with what to do when it is nowhere. */
export function pathOfProgram(program: RequiredProgram): string {
  const found = find(program)
  if (found === null) throw new Error(advice([packageOf[program]]))
  return found
}

/** Debian keeps HAProxy where the path of people other than root does not lead. */
function find(program: RequiredProgram): string | null {
  return Bun.which(program) ?? Bun.which(program, { PATH: '/usr/sbin:/usr/local/sbin' })
}

function advice(packages: readonly string[]): string {
  const names = packages.join(' ')
  return `${packages.join(' and ')} cannot be found. Install with your system's package manager, for example: apt-get update && apt-get install -y ${names}`
}
