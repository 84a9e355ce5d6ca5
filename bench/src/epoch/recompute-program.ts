import { encodeEpochFile, parseEpochFile } from '@mooring/market/settlement/epoch-file'
import { settleEpoch } from '@mooring/market/settlement/settle-epoch'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import { openKeccak } from '@mooring/onchain/keccak'
import { wrongSignatures } from '@mooring/onchain/receipt-statement'

/** Does with a file what whoever verifies it does, one step after the other, in a process of its own. */

const [path = ''] = process.argv.slice(2)
const steps: Record<string, { cpuMs: number; peakMib: number }> = {}

async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const start = process.cpuUsage()
  const result = await work()
  // Processor time, which a neighbour on the machine disturbs little; all threads of the process count.
  const { user, system } = process.cpuUsage(start)
  steps[name] = { cpuMs: (user + system) / 1_000, peakMib: await peakMib() }
  return result
}

/** The highest so far. What `getrusage` says would be that of the process this one was started by. */
async function peakMib(): Promise<number> {
  const status = await Bun.file('/proc/self/status').text()
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
}

const keccak = await openKeccak()
const bytes = await step('read', () => Bun.file(path).bytes())
const file = await step('parse', () => parseEpochFile(bytes, keccak))
await step('settle', () => settleEpoch(file.data, keccak))
const { differences } = await step('verify', () => verifyEpoch(file, keccak))
await step('encode', () => encodeEpochFile(file))
const wrong = await step('signatures', () => wrongSignatures(file.data, { keccak }))
if (differences.length + wrong.length > 0) throw new Error('the file does not hold')
process.stdout.write(JSON.stringify(steps))
