import { exitWith } from './program.ts'

/** A port that a service listens on, and the setting that says so. */
export type Listening = { setting: string; host: string; port: number }

/** Starts a service. Ends the program with the setting's name when a port is taken. */
export async function startOnPorts<T>(
  file: string,
  ports: readonly Listening[],
  start: () => T | Promise<T>,
): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (Object(error).code !== 'EADDRINUSE') throw error
    return exitWith(2, portsTaken(file, takenPorts(error, ports)))
  }
}

/** A socket says which port it was refused, an HTTP server says so in its message alone. */
function takenPorts(error: unknown, ports: readonly Listening[]): readonly Listening[] {
  const { port, address, message } = Object(error) as Record<string, unknown>
  const refused = Number(port ?? /\bport (\d+)/.exec(String(message))?.[1])
  const found = ports.filter((one) => one.port === refused)
  const there = found.filter(({ host }) => host === address)
  if (there.length > 0) return there
  return found.length > 0 ? found : ports.filter((one) => one.port !== 0)
}

function portsTaken(file: string, taken: readonly Listening[]): string {
  const lines = taken.map(
    ({ setting, host, port }) =>
      `${file}: ${setting}: port ${port} of ${host} is taken by another program`,
  )
  return `${lines.join('\n')}\nStop that program, or set another port.`
}
