/** Longest output that is kept of one run. */
const outputCharsMax = 8 * 1_048_576

export type ProgramRun = {
  command: readonly string[]
  timeoutMs: number
  signal: AbortSignal
}

/** The command, kept to one processor with all its threads. */
export function pinnedTo(core: number, command: readonly string[]): string[] {
  return ['taskset', '-c', String(core), ...command]
}

/** Runs a program to its end. Throws with what it wrote when it fails, takes too long or is called off. */
export async function runProgram({
  command,
  timeoutMs,
  signal,
}: ProgramRun): Promise<{ stdout: string; cpuSeconds: number }> {
  signal.throwIfAborted()
  const program = Bun.spawn([...command], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    maxBuffer: outputCharsMax,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    signal,
  })
  const [exitCode, stdout, stderr] = await Promise.all([
    program.exited,
    new Response(program.stdout).text(),
    new Response(program.stderr).text(),
  ])
  signal.throwIfAborted()
  if (exitCode !== 0) {
    const end = program.signalCode === null ? `exit code ${exitCode}` : `${program.signalCode}`
    throw new Error(`${command.join(' ')} ended with ${end}:\n${stderr}${stdout}`)
  }
  const cpuMicroseconds = Number(program.resourceUsage()?.cpuTime.total ?? 0)
  return { stdout, cpuSeconds: cpuMicroseconds / 1_000_000 }
}
