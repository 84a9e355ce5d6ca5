import type { Clock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'

/** The set of verifiers as the chain has it. In ascending order. */
export type VerifierSet = { members: readonly Address[]; threshold: number }

export type Membership = {
  /** As it was read last; undefined until it could be read once. */
  readonly current: VerifierSet | undefined
  /** Whether an address is of the set. Nobody is before the set could be read. */
  has(address: Address): boolean
  /** Reads it now, or throws. */
  read(): Promise<VerifierSet>
  /** Reads it again and again. */
  run(signal: AbortSignal): Promise<void>
}

/** A set changes by governance, after a delay of days. */
const readMs = 15_000
const retryMs = 1_000

export function createMembership(
  readSet: () => Promise<VerifierSet>,
  { clock, onError }: { clock: Clock; onError(error: unknown): void },
): Membership {
  let current: VerifierSet | undefined
  let names = new Set<string>()
  const read = async () => {
    const found = await readSet()
    current = found
    names = new Set(found.members.map((member) => member.toLowerCase()))
    return found
  }
  return {
    get current() {
      return current
    },
    has: (address) => names.has(address.toLowerCase()),
    read,
    async run(signal) {
      while (!signal.aborted) {
        await read().catch(onError)
        await clock.sleep(current === undefined ? retryMs : readMs, signal)
      }
    },
  }
}

export function isSameSet(one: VerifierSet, other: VerifierSet): boolean {
  const textOf = ({ members, threshold }: VerifierSet) =>
    JSON.stringify([threshold, ...members.map((member) => member.toLowerCase()).sort()])
  return textOf(one) === textOf(other)
}
