import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { Context } from '@mooring/cli/context'
import { type Ran, runCommand } from '@mooring/cli/context.fixtures'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import { chainPlans } from '@mooring/testkit/local-network/plan'
import { type NetworkSummary, summarize } from '@mooring/testkit/local-network/summary'

/** A whole local network of one chain, and people who use it with the command. */
export type World = AsyncDisposable & {
  network: LocalNetwork
  summary: NetworkSummary
  verifiers: readonly string[]
  /** Runs a command as a player, with a folder of their own for keys. */
  run(player: number, args: readonly string[], world?: Partial<Context>): Promise<Ran>
  /** The same for one that deposits: it is stopped when it begins to wait for blocks. */
  runUntilWaiting(player: number, args: readonly string[]): Promise<Ran>
  /** The same, and throws when it fails. @returns What it printed as JSON. */
  json(player: number, args: readonly string[]): Promise<Record<string, unknown>>
  /** What a player is asked to keep to themselves: keys, tokens and sessions, as they are kept. */
  secrets(player: number): Promise<string[]>
  /** Everything that commands have printed so far but for those that were told to show it. */
  printed(): string
  mine(blocks: number): Promise<void>
}

export async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-premium-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const network = stack.use(
    await startLocalNetwork({
      chains: chainPlans.filter(({ definition }) => definition.name === localOne.name),
      settlementChain: localOne.name,
      folder,
    }),
  )
  if (network.economy === undefined) throw new Error('the network has no contracts')
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(network.economy.deployment))
  const summary = summarize(network, process.pid, deployment)
  await mkdir(join(folder, '.mooring'))
  await writeFile(join(folder, '.mooring/network.json'), JSON.stringify(summary))
  const all: string[] = []
  const homeOf = (player: number) => join(folder, `home-${player}`)
  const run: World['run'] = async (player, args, { env = {}, ...world } = {}) => {
    const key = summary.economy?.accounts[`player-${player}`]?.privateKey ?? ''
    const own = { MOORING_HOME: homeOf(player), MOORING_PRIVATE_KEY: key, ...env }
    const ran = await runCommand(args, { cwd: folder, ...world, env: own })
    const isShown = args.some((arg) => ['--show', '--raw', '--headers'].includes(arg))
    if (!isShown) all.push(ran.stdout, ran.stderr)
    return ran
  }
  const owned = stack.move()
  return {
    ...{ network, summary, run },
    runUntilWaiting(player, args) {
      const stopping = new AbortController()
      const write = (text: string) => text.includes('of 12 blocks') && stopping.abort()
      return run(player, args, {
        interruption: () => stopping.signal,
        stderr: { write, isTerminal: false, size: () => undefined },
      })
    },
    verifiers: network.verifiers.map(({ url }) => url),
    async json(player, args) {
      const { exitCode, stdout, stderr } = await run(player, [...args, '--json'])
      if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stderr}`)
      return JSON.parse(stdout)
    },
    secrets: (player) => secretsIn(homeOf(player)),
    printed: () => all.join('\n'),
    mine: async (blocks) => network.chains[0]?.anvil.mine(blocks),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function secretsIn(home: string): Promise<string[]> {
  const files = await readdir(join(home, 'keys'))
  const keys = files.map(async (file) =>
    JSON.parse(await readFile(join(home, 'keys', file), 'utf8')),
  )
  const session = await readFile(join(home, 'session.json'), 'utf8').catch(() => '{}')
  const found = (await Promise.all(keys)).flatMap(({ material, token, registration }) => [
    ...[material.key, material.jwk?.d, registration?.previous?.key],
    // Its other parts say no more than what is told of it.
    token?.raw.split('.')[2],
  ])
  return [...found, JSON.parse(session).token].filter((secret) => typeof secret === 'string')
}
