import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'

/** The terminal, npm and the launcher each pass on one Ctrl-C; signals this close together are one. */
const repeatMs = 300
const captureTimeoutMs = 30_000
const captureBytesMax = 8 * 1_048_576
/** What each signal becomes. A terminal that is gone ends what ran in it; to a gateway itself SIGHUP means reload. */
const forwarded = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' } as const
const received = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type Program = { file: string; args: readonly string[]; cwd: string }

/**
 * Runs a program in this command's place: same terminal, its exit code is ours. It has a process group
 * of its own, so Ctrl-C reaches it only through us, and only once.
 *
 * @param program - Its name is what it is called in messages.
 */
export async function runProgram(
  context: Context,
  program: Program & { name: string },
): Promise<void> {
  const child = spawn(process.execPath, argumentsOf(program), {
    cwd: program.cwd,
    env: { ...context.env },
    stdio: 'inherit',
    detached: true,
  })
  let forwardedAtMs = Number.NEGATIVE_INFINITY
  const forward = (signal: keyof typeof forwarded) => {
    if (performance.now() - forwardedAtMs < repeatMs) return
    forwardedAtMs = performance.now()
    child.kill(forwarded[signal])
  }
  for (const signal of received) process.on(signal, forward)
  try {
    const { code, signal } = await new Promise<End>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    if (code === 0) return
    throw new CommandError(code ?? codeOfSignal(signal), killedBy(signal, program.name))
  } finally {
    for (const signal of received) process.off(signal, forward)
  }
}

type End = { code: number | null; signal: NodeJS.Signals | null }

/** A program that was stopped, or ended by itself, has said so. */
function killedBy(signal: NodeJS.Signals | null, name: string): string {
  if (signal === null || Object.hasOwn(forwarded, signal)) return ''
  const why = signal === 'SIGKILL' ? ': someone killed it, or memory ran out' : ''
  return `mooring: ${name} was ended by ${signal}${why}.`
}

/** Runs a short program and takes what it prints on stdout; what it says on stderr is passed on. */
export async function captureProgram(
  context: Context,
  program: Program,
): Promise<{ code: number; stdout: string }> {
  const child = Bun.spawn([process.execPath, ...argumentsOf(program)], {
    cwd: program.cwd,
    env: { ...context.env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: captureTimeoutMs,
    maxBuffer: captureBytesMax,
  })
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ])
  context.stderr.write(stderr)
  return { code, stdout }
}

function argumentsOf({ file, args }: Program): string[] {
  return ['--no-install', '--no-orphans', file, ...args]
}

/** As a shell reports a program that a signal ended. */
function codeOfSignal(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal])
}
