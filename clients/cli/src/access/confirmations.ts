import { setTimeout as pause } from 'node:timers/promises'
import type { TransactionReceipt } from 'viem'
import type { Context } from '../context.ts'
import type { System } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'
import { readReceipt } from './deposit-place.ts'

const pollMs = 500
/** On the slowest chain that is settled on, twelve blocks take three minutes. */
const waitMinutesMax = 60

export type Wait = {
  hash: `0x${string}`
  depthBlocks: number
  /** Aborted when the user has had enough. */
  signal: AbortSignal
  /** How one goes on later, for the message when this ends before its time. */
  wayOn: string
}

/**
 * Waits until so many blocks are on top of a transaction's, and says how far it is. A fork may take the transaction
 * away meanwhile and bring it back in another block, so it is looked up each time.
 */
export async function waitForDepth(
  context: Context,
  system: System,
  wait: Wait,
): Promise<TransactionReceipt> {
  const progress = openProgress(context)
  const untilMs = performance.now() + waitMinutesMax * 60_000
  try {
    for (;;) {
      const [receipt, head] = await Promise.all([
        readReceipt(system, wait.hash),
        system.reader.getBlockNumber(),
      ])
      const have = receipt === undefined ? undefined : Number(head - receipt.blockNumber)
      if (receipt !== undefined && have !== undefined && have >= wait.depthBlocks) {
        progress.say(`${wait.depthBlocks} of ${wait.depthBlocks} blocks on top of the deposit`)
        return receipt
      }
      progress.say(
        have === undefined
          ? 'the transaction is in no block yet'
          : `${Math.max(0, have)} of ${wait.depthBlocks} blocks on top of the deposit`,
      )
      if (performance.now() > untilMs) throw gaveUp(wait, `after ${waitMinutesMax} minutes`)
      // That the wait was ended is seen below.
      await pause(pollMs, undefined, { signal: wait.signal }).catch(() => undefined)
      if (wait.signal.aborted) throw gaveUp(wait, 'as you wished')
    }
  } finally {
    progress.end()
  }
}

function gaveUp({ wayOn }: Wait, why: string): CommandError {
  return new CommandError(
    'unexpected',
    `Stopped waiting ${why}. The deposit stands. To go on from here:\n  ${wayOn}`,
  )
}

/** One line that changes on a terminal, and a line for each change elsewhere. */
function openProgress({ stderr }: Context): { say(text: string): void; end(): void } {
  let last = ''
  return {
    say(text) {
      if (text === last) return
      last = text
      stderr.write(stderr.isTerminal ? `\r\u001b[K  ${text}` : `  ${text}\n`)
    },
    end() {
      if (last !== '' && stderr.isTerminal) stderr.write('\n')
    },
  }
}
