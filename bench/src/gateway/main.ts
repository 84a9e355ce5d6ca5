import { parseArgs } from 'node:util'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import { aimsText } from './aims.ts'
import { openBench, startTarget, type Target } from './bench.ts'
import { cases, type TargetName } from './cases.ts'
import { measureLatency } from './latency.ts'
import { measureMemory } from './memory.ts'
import { type Plan, quickPlan, wholePlan } from './plan.ts'
import { measureProfile } from './profile.ts'
import { measureThroughput } from './throughput.ts'

const usage = `npm run bench                 the gateway against HAProxy, in one run
npm run bench -- --quick      a look at everything, too short to be believed
npm run bench -- --profile    where the gateway spends its time
npm run bench -- --json       one object { name, machine, figures }`

const profileTimeoutMs = 120_000

async function measureAll(context: MeasureContext, plan: Plan): Promise<Measured> {
  await using bench = await openBench(context)
  await using stack = new AsyncDisposableStack()
  const start = async (target: TargetName) => {
    const started = await startTarget[target](bench)
    for (const child of started.children) stack.use(child)
    return started
  }
  // A server for each case, so that what one case teaches the compiler is not part of another; and all of
  // them now, so that what is edited during a long run is not part of it.
  const targets = new Map<string, Target>()
  for (const { name, target } of cases) targets.set(name, await start(target))
  const fresh = await start('gateway')
  const targetOf = (name: string) => {
    const target = targets.get(name)
    if (target === undefined) throw new Error(`no server was started for ${name}`)
    return target
  }
  const throughput = await measureThroughput(bench, targetOf, plan)
  const ratePerSecond = throughput.capacityPerSecond / 2
  const warm = { haproxy: targetOf('haproxyProxied1Kb'), gateway: targetOf('proxied1Kb') }
  const latency = await measureLatency(bench, warm, { plan, ratePerSecond })
  const memory = await measureMemory(bench, fresh, plan)
  const figures = { ...throughput.figures, ...latency.figures, ...memory.figures }
  const text = [throughput.text, latency.text, memory.text, aimsText(figures)].join('\n')
  return { figures, text, broken: [] }
}

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    const options = { json: flag, quick: flag, profile: flag, help: flag }
    return parseArgs({ options }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

const { json, quick, profile, help } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const plan = quick ? quickPlan : wholePlan
process.exit(
  await runMeasurement(
    profile
      ? { name: 'gateway profile', timeoutMs: profileTimeoutMs, measure: measureProfile }
      : {
          name: quick ? 'gateway quick' : 'gateway',
          timeoutMs: plan.timeoutMs,
          measure: (context) => measureAll(context, plan),
        },
    { json },
  ),
)
