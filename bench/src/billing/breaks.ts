import { systemClock } from '@mooring/telemetry/clock'
import type { Random } from '@mooring/testkit/random'
import type { Ledger } from './ledger.ts'
import { type BreakName, breakNames, type Plan, type Step } from './plan.ts'
import type { Slot } from './slot.ts'

export type BreakCounts = Record<BreakName, number>

export type Broken = {
  slots: readonly Slot[]
  ledger: Ledger
  plan: Plan
  random: Random
  counts: BreakCounts
  /** No other break begins afterwards. */
  signal: AbortSignal
  say: (message: string) => void
}

/** How long what was killed stays away, at most. */
const deadMsMax = 2_000
/** How long two gateways serve under one name. */
const besideMs = 1_200

/** What may happen to a gateway and to the ledger; what stands here twice happens twice as often. */
const gatewayBreaks = [
  'gatewayKill',
  'gatewayKill',
  'gatewayKill',
  'zombieStop',
  'zombieKill',
] as const
const ledgerBreaks = ['billingKill', 'postgresKill', 'connectionsCut', 'connectionsCut'] as const
/** Of them so many come before the ledger is away for long, once. */
const breaksBeforeAway = 5

export function noBreaks(): BreakCounts {
  // A name for each, and no other.
  return Object.fromEntries(breakNames.map((name) => [name, 0])) as BreakCounts
}

/** Breaks each gateway, and beside them the ledger, until the signal ends it or the steps are over. */
export async function keepBreaking(broken: Broken): Promise<void> {
  const { plan, slots, ledger, random, signal } = broken
  const { steps } = plan
  if (!('everyMs' in steps)) {
    const others = steps.filter(({ name }) => !isOfGateway(name))
    const own = steps.filter(({ name }) => isOfGateway(name))
    await Promise.all([follow(broken, own), follow(broken, others)])
    return
  }
  const pauses = { everyMs: steps.everyMs, random, signal }
  const breakGateway = (slot: Slot) => () =>
    breakSlot(broken, { slot, name: oneOf(gatewayBreaks, random), deadMs: random() * deadMsMax })
  let breaks = 0
  const breakBooks = () => {
    const name = ++breaks === breaksBeforeAway ? 'ledgerAway' : oneOf(ledgerBreaks, random)
    return breakLedger(broken, { ledger, name, deadMs: random() * deadMsMax })
  }
  await Promise.all([breakBooks, ...slots.map(breakGateway)].map((act) => atRandom(act, pauses)))
}

async function follow(broken: Broken, steps: readonly Step[]): Promise<void> {
  const { slots, ledger, signal } = broken
  const startMs = performance.now()
  for (const [at, { atMs, name }] of steps.entries()) {
    await systemClock.sleep(Math.max(0, startMs + atMs - performance.now()), signal)
    if (signal.aborted) return
    const slot = slots[at % slots.length]
    if (slot === undefined) throw new Error('there are no gateways')
    const facts = { name, deadMs: 0 }
    if (isOfGateway(name)) await breakSlot(broken, { ...facts, name, slot })
    else await breakLedger(broken, { ...facts, name, ledger })
  }
}

async function atRandom(
  act: () => Promise<void>,
  {
    everyMs: [leastMs, mostMs],
    random,
    signal,
  }: { everyMs: readonly [number, number]; random: Random; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await systemClock.sleep(leastMs + random() * (mostMs - leastMs), signal)
    if (signal.aborted) return
    await act()
  }
}

function oneOf<T>(names: readonly [T, ...T[]], random: Random): T {
  return names[Math.floor(random() * names.length)] ?? names[0]
}

type GatewayBreak = (typeof gatewayBreaks)[number]
type LedgerBreak = Exclude<BreakName, GatewayBreak>

function isOfGateway(name: BreakName): name is GatewayBreak {
  return gatewayBreaks.some((each) => each === name)
}

/** What was begun is ended, so that everything is up again whenever this stops. @param deadMs - How long a gateway stays away. */
async function breakSlot(
  { counts, signal }: Broken,
  { slot, name, deadMs }: { slot: Slot; name: GatewayBreak; deadMs: number },
): Promise<void> {
  counts[name]++
  if (name === 'gatewayKill') return await slot.killAndRestart(deadMs)
  await slot.beginZombie()
  await systemClock.sleep(besideMs, signal)
  if (name === 'zombieStop') await slot.stopOlder()
  else await slot.killOlder()
}

async function breakLedger(
  { counts, plan, say, signal }: Broken,
  { ledger, name, deadMs }: { ledger: Ledger; name: LedgerBreak; deadMs: number },
): Promise<void> {
  counts[name]++
  switch (name) {
    case 'billingKill':
      await ledger.killBilling()
      await systemClock.sleep(deadMs, signal)
      return await ledger.startBilling()
    case 'ledgerAway':
      say(`nobody keeps the ledger for ${plan.awayMs / 1_000} s …`)
      await ledger.killBilling()
      await systemClock.sleep(plan.awayMs, signal)
      return await ledger.startBilling()
    case 'postgresKill':
      await ledger.killPostgres()
      await systemClock.sleep(deadMs, signal)
      return await ledger.startPostgres()
    case 'connectionsCut':
      await ledger.cutConnections()
  }
}
