import type { WorkLine } from '@mooring/protocol/relays/reports'
import { createTally, type WorkTally } from '../upstreams/work-tally.ts'

/** An upstream whose work is counted, and the node that it is: `0` for none of the registry. */
export type Worker = { work: WorkTally; chain: string; node: () => string }

type Watched = { worker: Worker; taken: WorkTally }

const members = ['asked', 'answered', 'failed', 'late', 'credits'] as const

/**
 * What nodes did by epoch, added up from the tallies of upstreams now and then, so that the relay path does nothing but count.
 * Lines only grow until their epoch is over in the books.
 */
export class WorkBook {
  readonly #watched = new Set<Watched>()
  readonly #lines = new Map<string, WorkLine>()
  /** Places that have grown since they were told. */
  readonly #grown = new Set<string>()

  /** @returns Ends it. What was counted until then is taken with the next `take`. */
  watch(worker: Worker): () => void {
    const watched = { worker, taken: createTally() }
    this.#watched.add(watched)
    return () => {
      this.#ended.add(watched)
    }
  }

  readonly #ended = new Set<Watched>()

  /** Adds what is new to an epoch. To be done before another one begins. */
  take(epoch: string): void {
    for (const { worker, taken } of this.#watched) {
      const { work, chain } = worker
      if (members.every((member) => work[member] === taken[member])) continue
      const line = this.#lineOf(epoch, worker.node(), chain)
      for (const member of members) {
        const grown = work[member] - taken[member]
        // Some failures are seen when another node has answered, which may be after the epoch in which a relay was asked.
        const added = member === 'failed' ? Math.min(grown, unjudged(line)) : grown
        line[member] += added
        taken[member] += added
      }
    }
    for (const watched of this.#ended) this.#watched.delete(watched)
    this.#ended.clear()
  }

  /** Lines that have grown, as they are now; so many at most. */
  grown(max: number): WorkLine[] {
    const lines: WorkLine[] = []
    for (const place of this.#grown) {
      if (lines.length === max) break
      const line = this.#lines.get(place)
      if (line !== undefined) lines.push({ ...line })
    }
    return lines
  }

  /** Lines are told as they were given out; what has grown since is told again. */
  told(lines: readonly WorkLine[]): void {
    for (const told of lines) {
      const place = placeOf(told)
      const line = this.#lines.get(place)
      if (line === undefined || members.every((member) => line[member] === told[member])) {
        this.#grown.delete(place)
      }
    }
  }

  /** The books of epochs before this one are closed. */
  forgetBefore(epoch: bigint): void {
    for (const [place, line] of this.#lines) {
      if (BigInt(line.epoch) >= epoch) continue
      this.#lines.delete(place)
      this.#grown.delete(place)
    }
  }

  #lineOf(epoch: string, node: string, chain: string): WorkLine {
    const place = placeOf({ epoch, node, chain })
    const known = this.#lines.get(place)
    const line = known ?? { epoch, node, chain, ...createTally() }
    if (known === undefined) this.#lines.set(place, line)
    this.#grown.add(place)
    return line
  }
}

/** Relays that were neither answered nor failed. */
function unjudged({ asked, answered, failed }: WorkLine): number {
  return asked - answered - failed
}

function placeOf({ epoch, node, chain }: Pick<WorkLine, 'epoch' | 'node' | 'chain'>): string {
  return `${epoch} ${node} ${chain}`
}
