import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context, TerminalSize } from './context.ts'
import { runMooring } from './program.ts'

export type Ran = { exitCode: number; stdout: string; stderr: string }

/** Runs one command line in a world of its own, and takes down what it printed. */
export async function runCommand(
  args: readonly string[],
  world: Partial<Context> & { terminal?: TerminalSize } = {},
): Promise<Ran> {
  const { terminal, ...overrides } = world
  const stdout: string[] = []
  const stderr: string[] = []
  const context: Context = {
    stdout: {
      write: (text) => void stdout.push(text),
      isTerminal: terminal !== undefined,
      size: () => terminal,
    },
    stderr: { write: (text) => void stderr.push(text), isTerminal: false, size: () => undefined },
    prompter: undefined,
    fetch: (url, init) => fetch(url, init),
    isPortFree: async () => true,
    readStdin: async () => '',
    cwd: tmpdir(),
    env: {},
    repository: undefined,
    interruption: () => new AbortController().signal,
    ...overrides,
  }
  const exitCode = await runMooring(context, args)
  return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** A folder that is gone when the test is. */
export function openFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'mooring-cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

type RpcHandler = (method: string, params: unknown) => unknown

/** An HTTP server on loopback that answers JSON-RPC with what `answer` returns: a result, or `{ error }`. */
export function serveRpc(answer: RpcHandler, headers: Record<string, string> = {}) {
  const requests: { path: string; headers: Headers; method: string; params: unknown }[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    fetch: async (request) => {
      const body = (await request.json()) as { id: number; method: string; params: unknown }
      const { method, params, id } = body
      requests.push({
        path: new URL(request.url).pathname,
        headers: request.headers,
        method,
        params,
      })
      const outcome = answer(method, params)
      const isError = typeof outcome === 'object' && outcome !== null && 'error' in outcome
      const reply = isError ? outcome : { result: outcome }
      return Response.json({ jsonrpc: '2.0', id, ...reply }, { headers })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  return { url, requests, [Symbol.asyncDispose]: () => server.stop(true) }
}

/** An HTTP server on loopback that answers each path with fixed JSON; others with 404. */
export function serveJson(paths: Readonly<Record<string, unknown>>) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    fetch: (request) => {
      const { pathname } = new URL(request.url)
      if (!Object.hasOwn(paths, pathname)) return new Response('no such path', { status: 404 })
      return Response.json(paths[pathname])
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
}

/** A loopback URL nothing listens on. */
export async function deadUrl(): Promise<string> {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const url = `http://127.0.0.1:${server.port}`
  await server.stop(true)
  return url
}
