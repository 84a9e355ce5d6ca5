import { portOrNext } from '../ports.ts'

export type NetworkPorts = { gateway: number; admin: number; networkAdmin: number }

const labels: Readonly<Record<keyof NetworkPorts, string>> = {
  gateway: 'gateway',
  admin: "gateway's admin port",
  networkAdmin: 'network admin',
}

/**
 * The wanted ports, each replaced by the next free one when it is taken.
 *
 * @param onTaken - Told of each replacement, in a sentence.
 */
export async function choosePorts(
  wanted: Readonly<NetworkPorts>,
  onTaken: (message: string) => void,
): Promise<NetworkPorts> {
  const chosen = { ...wanted }
  // A replacement must not take the port that another part still waits for.
  const spokenFor = new Set(Object.values(wanted))
  const used = new Set<number>()
  for (const name of ['gateway', 'admin', 'networkAdmin'] as const) {
    const port = wanted[name]
    const others = [...spokenFor].filter((other) => other !== port)
    chosen[name] = await portOrNext(port, [...others, ...used])
    spokenFor.add(chosen[name])
    used.add(chosen[name])
    if (chosen[name] !== port) {
      onTaken(`port ${port} (${labels[name]}) is taken, using ${chosen[name]} instead`)
    }
  }
  return chosen
}
