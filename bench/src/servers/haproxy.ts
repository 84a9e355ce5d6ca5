import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '@mooring/store/embedded/child'
import { pathOfProgram } from '../harness/required-programs.ts'
import { type ServerContext, startPinned } from './pinned-server.ts'

/** HAProxy passing requests on, as plainly as it can: the mark that others are measured by. */
export async function startHaproxy(
  { port, upstreamPort, folder }: { port: number; upstreamPort: number; folder: string },
  context: ServerContext,
): Promise<Child> {
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, configOf(port, upstreamPort))
  const url = `http://127.0.0.1:${port}/local_one`
  const command = [pathOfProgram('haproxy'), '-db', '-q', '-f', file]
  return await startPinned({ name: 'HAProxy', command, url }, context)
}

function configOf(port: number, upstreamPort: number): string {
  return `global
  nbthread 1
  maxconn 2048
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 3s
  http-reuse always
frontend consumers
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  server node 127.0.0.1:${upstreamPort}
`
}
