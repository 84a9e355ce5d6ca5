import { createServer } from 'node:net'

/**
 * Below the ports that systems hand out to outgoing connections, so a port that is let go for a while
 * can be had again.
 */
const firstPort = 20_000
const lastPort = 32_000
const freePortTriesMax = 200
const nextPortTriesMax = 200
const portMax = 65_535

/**
 * Ports that this process gave out: whoever asked for one may not listen yet. It is the one thing here that outlives a
 * call, because a port is a thing of the whole machine.
 */
const givenOut = new Set<number>()

/** A loopback port nobody listens on now, another one each time. */
export async function freePort(): Promise<number> {
  if (givenOut.size > (lastPort - firstPort) / 2) givenOut.clear()
  for (let tries = 0; tries < freePortTriesMax; tries++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort))
    if (givenOut.has(port)) continue
    givenOut.add(port)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found between ${firstPort} and ${lastPort}`)
}

/**
 * The wanted port, or the next one above that is free.
 *
 * @param taken - Ports that are spoken for though nobody listens on them yet.
 */
export async function portOrNext(port: number, taken: readonly number[] = []): Promise<number> {
  const end = Math.min(port + nextPortTriesMax, portMax)
  for (let candidate = port; candidate <= end; candidate++) {
    if (!taken.includes(candidate) && (await isFree(candidate))) return candidate
  }
  throw new Error(`no free port found between ${port} and ${end}`)
}

/** Whether nobody listens on a loopback port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true))
    })
  })
}
