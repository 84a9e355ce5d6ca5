import { resolve } from 'node:path'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { pinnedTo } from '../harness/programs.ts'

const readyTimeoutMs = 20_000
const checkTimeoutMs = 2_000

export type ServerContext = { core: number; signal: AbortSignal }

/** Starts a server on one processor and waits until it answers a JSON-RPC request. */
export async function startPinned(
  server: { name: string; command: readonly string[]; url: string },
  { core, signal }: ServerContext,
): Promise<Child> {
  const [command = '', ...args] = pinnedTo(core, server.command)
  await using stack = new AsyncDisposableStack()
  const child = stack.use(await startChild({ name: server.name, command, args }))
  const check = () => answers(server.url)
  await untilReady(child, { timeoutMs: readyTimeoutMs, signal, check })
  stack.move()
  return child
}

/** The command that runs one of our programs from its source. */
export function bunCommand(file: string, args: readonly string[]): string[] {
  return [process.execPath, '--no-install', resolve(import.meta.dir, file), ...args]
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    body: '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x1000000",false]}',
    signal: AbortSignal.timeout(checkTimeoutMs),
  })
  return response.ok && (await response.text()).includes('"number":"0x1000000"')
}
