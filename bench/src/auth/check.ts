import { Access } from '@mooring/gateway/access/access'
import { createEvents } from '@mooring/gateway/events'
import type { AccessDomain } from '@mooring/onchain/access-statements'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import type { VerifierProcess } from '@mooring/testkit/verifiers'
import type { Figures } from '../harness/report.ts'
import { formatFigure } from '../harness/report.ts'
import { medianOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'

const rounds = 7
const checksEach = 400_000

/** What it costs a gateway to tell whose a key is: the first time, and every time after that. */
export async function measureCheck(
  domain: AccessDomain,
  { processes, threshold }: { processes: readonly VerifierProcess[]; threshold: number },
  keys: readonly string[],
): Promise<{ figures: Figures; text: string }> {
  const events = createEvents(createLogger('gateway', 'silent'), createMeters())
  const settings = {
    chainId: domain.chainId,
    ankrEscrow: domain.ankrEscrow,
    audience: 'mooring-gateway',
    verifiers: processes.map(({ url, address }) => ({ url, address })),
    threshold,
    operators: [],
    agreements: [],
  }
  const access = new Access(settings, { clock: systemClock, events })
  access.start()
  try {
    const firstMs: number[] = []
    for (const key of keys) {
      const startMs = performance.now()
      await untilFound(access, key)
      firstMs.push(performance.now() - startMs)
    }
    const [one] = keys
    if (one === undefined) throw new Error('there is no key to check')
    const key = { kind: 'key', key: one } as const
    const grant = await access.lookUp(key)
    const figures = {
      firstUseP50Ms: medianOf(firstMs),
      knownKeyPerSecond: perSecond(() => access.find(key)),
      knownGrantPerSecond: perSecond(() => access.isGood(grant)),
    }
    return { figures, text: textOf(figures) }
  } finally {
    await access.stop()
  }
}

/** Longer than the hash of a new key takes to come round to verifiers that had no part in its token. */
const foundTimeoutMs = 10_000

/** Right after the start the keys of the group are not there yet, nor does every verifier know of the newest token. */
async function untilFound(access: Access, key: string): Promise<void> {
  const untilMs = performance.now() + foundTimeoutMs
  for (;;) {
    try {
      await access.lookUp({ kind: 'key', key })
      return
    } catch (error) {
      if (performance.now() >= untilMs) throw error
      await systemClock.sleep(5)
    }
  }
}

/** The median of some rounds, in one process that does nothing else. */
function perSecond(check: () => unknown): number {
  const rates = Array.from({ length: rounds }, () => {
    const startMs = performance.now()
    for (let at = 0; at < checksEach; at++) check()
    return (checksEach * 1_000) / (performance.now() - startMs)
  })
  return medianOf(rates)
}

function textOf({ firstUseP50Ms, knownKeyPerSecond, knownGrantPerSecond }: Record<string, number>) {
  const microseconds = (rate = 0) => formatFigure(1_000_000 / rate)
  return `To tell whose a key is, at a gateway
${figuresTable(
  ['', 'µs'],
  [
    ['a key used for the first time, verifiers asked', formatFigure((firstUseP50Ms ?? 0) * 1_000)],
    [
      'a key that is known: its hash, a look-up, whether it still holds',
      microseconds(knownKeyPerSecond),
    ],
    ['the next request of a connection: whether it still holds', microseconds(knownGrantPerSecond)],
  ],
)}
`
}
