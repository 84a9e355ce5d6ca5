import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, runCommand } from '@mooring/cli/context.fixtures'
import { createWallet } from '@mooring/onchain/clients'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Call, createSender } from '@mooring/onchain/send'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { type Person, privateKeyOf } from '@mooring/testkit/economy/people'
import { type LocalEconomy, startEconomy } from '@mooring/testkit/economy/start'

const chainId = 31_337

/** A local economy, and the command that people use it with. */
export type World = LocalEconomy & {
  anvil: Anvil
  /** Runs a command that reads; its answer. */
  ask(...args: readonly string[]): Promise<unknown>
  /** Runs a command that reads, however it ends. */
  attempt(...args: readonly string[]): Promise<Ran>
  /** Runs a command that signs as somebody; the second in which its last transaction happened. */
  act(person: Person, args: readonly string[], env?: Record<string, string>): Promise<bigint>
  /** Runs a command that is refused, as somebody; what it said. */
  refused(person: Person, args: readonly string[]): Promise<Ran>
  /** What no command does yet: a call of a contract, signed by somebody; the second in which it happened. */
  call(person: Person, call: Call): Promise<bigint>
  /** Writes a file that commands read; its path. */
  file(name: string, value: unknown): Promise<string>
  /** Writes a file as it is given; its path. */
  text(name: string, text: string): Promise<string>
  now(): Promise<bigint>
  /** Lets time pass. */
  pass(seconds: bigint): Promise<void>
  [Symbol.asyncDispose]: () => Promise<void>
}

export async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ chainId }))
  const economy = await startEconomy(anvil)
  const folder = await mkdtemp(join(tmpdir(), 'mooring-economy-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(economy.deployment))
  const env = { MOORING_RPC_URL: economy.rpc, MOORING_DEPLOYMENT: deployment }
  const secondOf = async (blockNumber: bigint) => {
    const { timestamp } = await economy.reader.getBlock({ blockNumber })
    return timestamp
  }
  const run = (person: Person, args: readonly string[], more: Record<string, string> = {}) =>
    runCommand([...args, '--yes', '--json'], {
      cwd: folder,
      env: { ...env, MOORING_PRIVATE_KEY: privateKeyOf(person), ...more },
    })
  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const owned = stack.move()
  return {
    ...economy,
    anvil,
    ask: async (...args) => answerOf(args, await runCommand([...args, '--json'], { env })),
    attempt: (...args) => runCommand([...args, '--json'], { env }),
    act: async (person, args, more) => {
      const answer = answerOf(args, await run(person, args, more))
      return secondOf(lastBlockOf(answer))
    },
    refused: async (person, args) => {
      const ran = await run(person, args)
      if (ran.exitCode === 0) throw new Error(`${args.join(' ')} was not refused`)
      return ran
    },
    call: async (person, call) => {
      const wallet = createWallet({ url: economy.rpc, chainId }, person)
      const { receipt } = await createSender({ reader: economy.reader, wallet }).send(call)
      return secondOf(receipt.blockNumber)
    },
    file: (name, value) => write(name, JSON.stringify(value, decimalStrings)),
    text: write,
    now: async () => (await economy.reader.getBlock()).timestamp,
    pass: async (seconds) => {
      await anvil.ask('evm_increaseTime', [Number(seconds)])
      await anvil.mine(1)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function answerOf(args: readonly string[], { exitCode, stdout, stderr }: Ran): unknown {
  if (exitCode === 0) return JSON.parse(stdout)
  throw new Error(`mooring ${args.join(' ')} ended with ${exitCode}:\n${stderr}`)
}

function lastBlockOf(answer: unknown): bigint {
  // What every command that signs prints with `--json`.
  const { transactions } = answer as { transactions: { block: string }[] }
  const last = transactions.at(-1)
  if (last === undefined) throw new Error('the command sent no transaction')
  return BigInt(last.block)
}

function decimalStrings(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
