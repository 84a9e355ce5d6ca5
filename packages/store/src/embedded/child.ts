import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const tailCharsMax = 32_768
const stopTimeoutMsDefault = 5_000
/** How long the pipes of an ended process may be held open by another one before they are left. */
const drainTimeoutMs = 200

export type ChildOptions = {
  /** What it is called in messages. */
  name: string
  command: string
  args: readonly string[]
  cwd?: string | undefined
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** How long it may take to end after it was asked to before it is killed. */
  stopTimeoutMs?: number | undefined
  /** How it is asked to end; SIGTERM by default. */
  stopSignal?: NodeJS.Signals | undefined
  /** Who it runs as. Only root may run something as somebody else. */
  user?: { uid: number; gid: number } | undefined
}

export type ChildEnd = { code: number | null; signal: string | null }

/** A process of ours. It has a process group of its own, so a Ctrl-C in the terminal reaches only us. */
export type Child = AsyncDisposable & {
  readonly name: string
  readonly pid: number
  /** Resolves when the process has ended and its output is read; never rejects. */
  readonly ended: Promise<ChildEnd>
  /** The last it wrote to stdout and stderr. */
  tail(): string
  /** Asks it to end, and kills it past the deadline. Resolves when the process is gone. */
  stop(): Promise<void>
  kill(): void
}

export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, user = {} } = options
  const { stopTimeoutMs = stopTimeoutMsDefault, stopSignal = 'SIGTERM' } = options
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env === undefined ? process.env : { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...user,
  })
  const tail = collectTail(child)
  let running = true
  const ended = endOf(child, () => {
    running = false
  })
  const pid = await spawnedPid(child, name)
  const send = (signal: NodeJS.Signals) => running && child.kill(signal)
  const stop = async () => {
    if (!running) return
    send(stopSignal)
    await Promise.race([ended, sleep(stopTimeoutMs, undefined, { ref: false })])
    send('SIGKILL')
    await ended
  }
  return {
    name,
    pid,
    ended,
    tail,
    stop,
    kill: () => void send('SIGKILL'),
    [Symbol.asyncDispose]: stop,
  }
}

export function describeEnd({ code, signal }: ChildEnd): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}

/** What a process wrote last may arrive after the word that it ended. */
function endOf(child: ChildProcess, onExit: () => void): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      onExit()
      const done = () => {
        clearTimeout(timer)
        resolve({ code, signal })
      }
      const timer = setTimeout(done, drainTimeoutMs)
      child.once('close', done)
    })
    child.once('error', () => {
      onExit()
      resolve({ code: null, signal: null })
    })
  })
}

function collectTail(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (chunk: string) => {
      text += chunk
      if (text.length <= tailCharsMax) return
      const cut = text.slice(-tailCharsMax)
      // Begins with a whole line, unless one line is all there is.
      text = cut.slice(cut.indexOf('\n') + 1)
    })
  }
  return () => text.trim()
}

function spawnedPid(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) =>
      reject(new Error(`cannot start ${name}: ${cause.message}`, { cause }))
    child.once('error', failed)
    child.once('spawn', () => {
      child.off('error', failed)
      if (child.pid === undefined) failed(new Error('it got no process id'))
      else resolve(child.pid)
    })
  })
}
