import type { Prompter } from './setup/prompter.ts'

/** Everything a command may touch of the world outside. Passed by hand, so a test passes its own. */
export type Context = {
  /** Takes the answer. */
  stdout: Output
  /** Takes the talk: progress, warnings, errors. */
  stderr: Output
  /** Asks a person; undefined where nobody could answer. */
  prompter: Prompter | undefined
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Whether a gateway could listen there now. */
  isPortFree: (host: string, port: number) => Promise<boolean>
  /** All of standard input, for what is piped in. */
  readStdin: () => Promise<string>
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  /** Root of the clone the command runs from; undefined outside one. */
  repository: string | undefined
  /** From its first use Ctrl-C aborts the signal instead of ending the process. */
  interruption: () => AbortSignal
}

export type Output = {
  write(text: string): void
  isTerminal: boolean
  /** Now, since people drag windows; undefined where there is no window or it does not say. */
  size(): TerminalSize | undefined
}

export type TerminalSize = { widthColumns: number; heightLines: number }
