import { writeSync } from 'node:fs'
import { systemDisk } from '../log/disk.ts'
import { encodeFrame } from '../log/frame.ts'
import { type Durability, LogWriter } from '../log/writer.ts'

/** A process that writes frames until it is killed, and says of each on stdout when a reply would have left. */
const [directory = '', durability = ''] = process.argv.slice(2)

/** Mostly short ones; those that are long make it likely that it is killed in the middle of one. */
export function usageOf(sequence: number): object {
  const key = 'é'.repeat(sequence % 8 === 0 ? 200_000 : sequence % 50)
  const names = { account: null, key, ownPurse: false, chain: 'eth', method: 'eth_call' }
  return { ...names, status: 'ok', hour: 1, requests: 1, credits: sequence }
}

if (import.meta.main) {
  const writer = new LogWriter({
    ...{ directory, instance: 'gw-1', epoch: 3, disk: systemDisk },
    // Given by the test.
    durability: durability as Durability,
  })
  writer.begin()
  for (let sequence = 1; ; sequence++) {
    await writer.put(encodeFrame(sequence, [JSON.stringify(usageOf(sequence))]), sequence)
    writeSync(1, `${sequence}\n`)
    // Lets what is made ahead get on.
    if (sequence % 16 === 0) await Bun.sleep(0)
  }
}
