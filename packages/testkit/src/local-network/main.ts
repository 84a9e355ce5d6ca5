import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { localOne } from '@mooring/chains/definitions/local_one'
import { formatDeployment } from '@mooring/onchain/deployment'
import type { Child } from '@mooring/store/embedded/child'
import { choosePorts, type NetworkPorts } from './choose-ports.ts'
import { claimInstance, type Instance, runningSummary } from './instance.ts'
import { type LocalNetwork, type Progress, startLocalNetwork } from './network.ts'
import { stopOnSignals } from './signals.ts'
import { summarize, summaryText } from './summary.ts'

const usage =
  'Usage: npx mooring up [--gateway-port N] [--admin-port N] [--json]. Ports are 1 to 65535.'
/** Files of a running network stand in the folder it was started in. */
const folder = resolve('.mooring')

/** After every process was killed the rest of a stop takes no time; if it does, it is left undone. */
const forcedExitMs = 1_000

/** Arguments that cannot be used. */
class UsageError extends Error {
  override name = 'UsageError'
}

/** Exit codes: 0 stopped as asked, 1 could not start or broke, 2 wrong arguments. */
async function main(): Promise<number> {
  const { wanted, json } = readArguments()
  // A terminal that is gone must not keep the processes from being stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const children: Child[] = []
  const stopping = stopOnSignals(() => {
    say('stopping at once')
    for (const child of children) child.kill()
    setTimeout(() => process.exit(1), forcedExitMs)
  })
  const instance = await claimInstance(folder)
  if (instance === undefined) return alreadyRunning()
  try {
    const ports = await choosePorts(wanted, say)
    const network = await startLocalNetwork({
      folder,
      gatewayPort: ports.gateway,
      adminPort: ports.admin,
      networkAdminPort: ports.networkAdmin,
      settlementChain: localOne.name,
      signal: stopping,
      onProgress: sayProgress,
      onChild: (child) => children.push(child),
      onActorError: sayOnce(),
    })
    return await runUntilStopped(network, { instance, stopping, json })
  } catch (error) {
    if (stopping.aborted) {
      say('\nstopped before it was ready')
      return 0
    }
    say(`\nmooring: the local network cannot start: ${messageOf(error)}`)
    return 1
  } finally {
    await instance.release()
  }
}

async function runUntilStopped(
  network: LocalNetwork,
  options: { instance: Instance; stopping: AbortSignal; json: boolean },
): Promise<number> {
  const { instance, stopping, json } = options
  const summary = summarize(network, process.pid, await saveDeployment(network))
  await instance.publish(summary)
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `\n${summaryText(summary)}`)
  const broken = await Promise.race([network.broken, aborted(stopping)])
  if (broken !== undefined) say(`\nmooring: ${broken.message}`)
  say('\nstopping …')
  await network.stop()
  say('stopped')
  return broken === undefined ? 0 : 1
}

/** The contracts' addresses as a file, for everything that takes one. */
async function saveDeployment({ economy }: LocalNetwork): Promise<string | undefined> {
  if (economy === undefined) return undefined
  const file = join(folder, 'deployments', `${economy.deployment.chainId}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, formatDeployment(economy.deployment))
  return file
}

function readArguments(): { wanted: NetworkPorts; json: boolean } {
  const { values } = parseArgs({
    options: {
      'gateway-port': { type: 'string', default: '8545' },
      'admin-port': { type: 'string', default: '8546' },
      'network-admin-port': { type: 'string', default: '8547' },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    wanted: {
      gateway: portOf('gateway-port', values['gateway-port']),
      admin: portOf('admin-port', values['admin-port']),
      networkAdmin: portOf('network-admin-port', values['network-admin-port']),
    },
    json: values.json,
  }
}

function portOf(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new UsageError(`--${option} ${JSON.stringify(text)} is not a port from 1 to 65535`)
}

async function alreadyRunning(): Promise<number> {
  const running = await runningSummary(folder)
  say(
    running === undefined
      ? `mooring: another start or stop of the local network in ${folder} is under way: wait for it to end`
      : `mooring: a local network already runs here (process ${running.pid}): ${running.gateway}, admin ${running.admin}, nodes ${running.networkAdmin}/fronts. Stop it with Ctrl-C or \`kill ${running.pid}\`.`,
  )
  return 1
}

function sayProgress(progress: Progress): void {
  if (progress.state === 'starting') process.stderr.write(`starting ${progress.step} … `)
  else say(`ready in ${(progress.tookMs / 1_000).toFixed(1)} s`)
}

/** Says an actor's error when it is another one than the last of that chain. */
function sayOnce(): (chain: string, error: unknown) => void {
  const last = new Map<string, string>()
  return (chain, error) => {
    const [message = ''] = messageOf(error).split('\n')
    if (last.get(chain) === message) return
    last.set(chain, message)
    say(`the actor of ${chain} cannot send: ${message}`)
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  )
}

function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isOfParseArgs(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && /^ERR_PARSE_ARGS/.test(`${error.code}`)
}

try {
  process.exit(await main())
} catch (error) {
  const isUsage = error instanceof UsageError || isOfParseArgs(error)
  say(`mooring: ${messageOf(error)}${isUsage ? `\n${usage}` : ''}`)
  process.exit(isUsage ? 2 : 1)
}
