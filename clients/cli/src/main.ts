import { createServer } from 'node:net'
import type { Context, Output, TerminalSize } from './context.ts'
import { runMooring } from './program.ts'
import { findRepository } from './repository.ts'
import { openPrompter } from './setup/prompter.ts'

process.exitCode = await runMooring(processContext(), process.argv.slice(2))
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit()

function processContext(): Context {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    prompter: canAsk ? openPrompter(process.stdin, process.stderr) : undefined,
    fetch: (url, init) => fetch(url, init),
    isPortFree,
    readStdin: () => Bun.stdin.text(),
    cwd: process.cwd(),
    env: process.env,
    repository: findRepository(import.meta.dirname),
    interruption: () => {
      const controller = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, () => controller.abort())
      }
      return controller.signal
    },
  }
}

function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function outputTo(stream: NodeJS.WriteStream): Output {
  // The reader of a pipe may leave early, as `head` does: nobody is left to tell.
  stream.on('error', () => process.exit())
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    size: () => sizeOf(stream),
  }
}

/** Terminals without a window, such as those of some CI systems, say 0. */
function sizeOf(stream: NodeJS.WriteStream): TerminalSize | undefined {
  if (stream.isTTY !== true) return undefined
  const [widthColumns, heightLines] = stream.getWindowSize()
  return widthColumns > 0 && heightLines > 0 ? { widthColumns, heightLines } : undefined
}

/** Ending the process drops what a slow pipe has not taken yet. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
