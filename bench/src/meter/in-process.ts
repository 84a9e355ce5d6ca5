import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Access } from '@mooring/gateway/access/access'
import { configSchema } from '@mooring/gateway/config'
import { createEvents } from '@mooring/gateway/events'
import type { Exchange, RpcAnswer } from '@mooring/gateway/exchange'
import { Arrivals } from '@mooring/gateway/http/arrivals'
import { createCallers } from '@mooring/gateway/http/callers'
import { parseRequestHead } from '@mooring/gateway/http/request-head'
import { Limiter } from '@mooring/gateway/limits/limiter'
import { Meter } from '@mooring/gateway/meter/meter'
import type { Served } from '@mooring/gateway/served'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import type { Customer } from '@mooring/testkit/economy/customers'
import { method } from '../billing/plan.ts'
import type { World } from '../billing/world.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { inRounds } from '../harness/rounds.ts'
import { intervalOf, medianOf, rangeOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import { costAim, verdictOf } from './aims.ts'

/** Requests that are answered in one turn of the event loop, and so share a frame of the log. */
const turns = [1, 8, 64] as const
/** Of each request; whose key it is, is known from the head of the request before it on the same connection. */
const steps = ['authenticate', 'admit', 'meter'] as const
/** Of the first request of a connection, in place of `authenticate`. */
const firstStep = 'look up' as const
type Step = (typeof steps)[number] | typeof firstStep
type Case = { step: Step; inTurn: number }

const rounds = 11
const requestsEach = 40_000
const warmUpRequests = 60_000
/** Between looks at what is not there yet. */
const pauseMs = 20

/**
 * What a request costs before and after it is worked on, in processor time of this process: it tells the ledger too,
 * and writes its log.
 */
export async function measureInProcess(
  world: World,
  customers: readonly Customer[],
): Promise<{ figures: Figures; text: string }> {
  await using path = await openPath(world, customers)
  const cases = turns.flatMap((inTurn) =>
    [...steps, firstStep].map((step): Case => ({ step, inTurn })),
  )
  for (const one of cases) await path.run(one, warmUpRequests / cases.length)
  const measured = await inRounds(cases, rounds, (one) => costOf(path, one))
  const roundsOf = (step: Step, inTurn: number) => {
    const one = cases.find((each) => each.step === step && each.inTurn === inTurn)
    return (one && measured.get(one)) ?? []
  }
  const rows = turns.map((inTurn) => {
    const ofSteps = steps.map((step) => roundsOf(step, inTurn))
    const sums = Array.from({ length: rounds }, (_, round) =>
      ofSteps.reduce((sum, each) => sum + (each[round] ?? Number.NaN), 0),
    )
    const first = medianOf(roundsOf(firstStep, inTurn))
    return { inTurn, each: ofSteps.map(medianOf), all: intervalOf([sums]), first }
  })
  const figures = Object.fromEntries(
    rows.flatMap(({ inTurn, each, all }) => [
      [`pathCostAt${inTurn}Ms`, all.median / 1_000],
      [`meterCostAt${inTurn}Ms`, (each[2] ?? 0) / 1_000],
    ]),
  )
  const titles = ['requests in one turn', ...steps, 'all', firstStep]
  const text = `To tell whose a key is, to admit its request, and to charge it: µs of processor for each
${figuresTable(
  titles,
  rows.map(({ inTurn, each, all, first }) => [
    ...[String(inTurn), ...each.map(formatFigure)],
    ...[rangeOf(all), formatFigure(first)],
  ]),
)}
${rows.map(({ inTurn, all }) => `${inTurn} in a turn: ${verdictOf(costAim, all)}.`).join('\n')}
meter: with the log and all that the ledger is told. One turn of the event loop shares one frame of the log.
authenticate: on a kept connection. ${firstStep}: in its place for the first request of a connection.
`
  return { figures, text }
}

/** @returns Microseconds of processor for each request. */
async function costOf(path: Path, one: Case): Promise<number> {
  const before = process.cpuUsage()
  await path.run(one, requestsEach)
  const { user, system } = process.cpuUsage(before)
  // An empty turn costs something too, which is not the step's.
  return (user + system - (await path.idleMicroseconds(one, requestsEach))) / requestsEach
}

type Path = AsyncDisposable & {
  run(one: Case, requests: number): Promise<void>
  idleMicroseconds(one: Case, requests: number): Promise<number>
}

const answer = { kind: 'result', json: '"0x1"' } as unknown as RpcAnswer
const nothing = () => {}
const peer = '127.0.0.1'

async function openPath(
  { folder, ledger, gatewayConfig }: World,
  customers: readonly Customer[],
): Promise<Path> {
  const directory = await mkdtemp(join(folder, 'in-process-'))
  const meterConfig = { billing: ledger.billing, instance: 'in-process', directory }
  const config = configSchema.parse({ ...gatewayConfig, meter: meterConfig })
  if (config.access === undefined || config.meter === undefined) throw new Error('no access')
  const events = createEvents(createLogger('gateway', 'silent'), createMeters())
  const clock = systemClock
  const access = new Access(config.access, { clock, events })
  access.start()
  const meter = new Meter(config.meter, { clock, events, onSent: nothing })
  meter.start()
  const limiter = new Limiter(clock)
  const callers = createCallers(config)
  const keys = customers.map(({ key }) => ({ kind: 'key', key }) as const)
  const known = await Promise.all(
    keys.map(async (key) => {
      const caller = callers.granted(await lookUp(access, key), undefined)
      return { key, caller }
    }),
  )
  while (meter.report().state !== 'serving') await systemClock.sleep(pauseMs)
  const exchanges = known.map(({ caller }) => exchangeOf(caller))
  const arrivals = new Arrivals({ access, isSpent: (caller) => limiter.isSpent(caller) })
  const served = { config, callers } as unknown as Served
  const origin = { served, peer, admit: nothing }
  const heads = keys.map(({ key }) => {
    const head = parseRequestHead(
      `POST /local_one/${key} HTTP/1.1\r\nhost: gateway\r\ncontent-length: 2`,
    )
    if (typeof head === 'number') throw new Error(`a head that is refused with ${head}`)
    arrivals.arrive(head, { kind: 'rpc', chain: 'local_one', key }, origin)
    return head
  })
  const actions: Record<Step, (at: number) => Promise<void> | undefined> = {
    authenticate(at) {
      if (arrivals.recall(heads[at]!, served, peer) === undefined) throw new Error('not recalled')
      return undefined
    },
    [firstStep](at) {
      const grant = access.find(known[at]!.key)
      if (grant === undefined) throw new Error('a key is not known any more')
      callers.granted(grant, undefined)
      return undefined
    },
    admit(at) {
      const { caller } = known[at]!
      limiter.take(caller, 1)
      limiter.enter(caller, 1)
      limiter.leave(caller, 1)
      return undefined
    },
    meter(at) {
      const exchange = exchanges[at]!
      exchange.startedMs = clock.nowMs()
      exchange.purse = undefined
      const waiting = meter.reserve(exchange)
      if (waiting === undefined) meter.finish(exchange, answer, nothing)
      return waiting?.then(() => meter.finish(exchange, answer, nothing))
    },
  }
  return {
    async run({ step, inTurn }, requests) {
      const act = actions[step]
      for (let done = 0; done < requests; done += inTurn) {
        // Requests that wait for credits must not share an exchange with another one that does.
        for (let at = 0; at < inTurn; at++) {
          const waiting = act((done + at) % known.length)
          if (waiting !== undefined) await waiting
        }
        await turn()
      }
    },
    async idleMicroseconds({ inTurn }, requests) {
      const before = process.cpuUsage()
      for (let done = 0; done < requests; done += inTurn) await turn()
      const { user, system } = process.cpuUsage(before)
      return user + system
    },
    async [Symbol.asyncDispose]() {
      await meter.stop()
      await access.stop()
    },
  }
}

/** Lets what was put off until the end of this turn run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Right after the start the keys of the group are not there yet. */
async function lookUp(access: Access, key: { kind: 'key'; key: string }) {
  for (;;) {
    try {
      return await access.lookUp(key)
    } catch (error) {
      if (Object(error).code !== 'ACCESS_UNKNOWN') throw error
      await systemClock.sleep(pauseMs)
    }
  }
}

/** As much of an exchange as the meter reads. */
function exchangeOf(caller: Exchange['caller']): Exchange {
  const request = { method, params: [] }
  const facts = {
    caller,
    request,
    chain: { name: 'local_one', family: { name: 'evm' } },
    policy: { known: true },
  }
  const state = { startedMs: 0, purse: undefined, reserved: 0, charged: 0 }
  return { ...facts, ...state } as unknown as Exchange
}
