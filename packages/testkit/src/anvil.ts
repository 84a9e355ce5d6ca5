import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseBlockNumber } from '@mooring/protocol/quantity'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { askNode, resultFrom } from './ask-node.ts'
import { freePort, isFree } from './ports.ts'

const readyTimeoutMsDefault = 15_000
/** A port chosen for anvil may be taken before anvil opens it. */
const portTriesMax = 3

export type AnvilOptions = {
  chainId: number
  port?: number | undefined
  /** Mines at this pace; without it, one block for each transaction. */
  blockTimeSeconds?: number | undefined
  forkUrl?: string | undefined
  forkBlock?: number | undefined
  /** How far its finalized block is behind its head: two by default, so that finality can be watched. An even number. */
  finalityBlocks?: number | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

export type Anvil = Child & {
  readonly url: string
  readonly port: number
  readonly chainId: number
  /** The result of a question; throws on an error answer. */
  ask(method: string, params?: readonly unknown[]): Promise<unknown>
  headBlock(): Promise<number>
  mine(blocks: number): Promise<void>
}

/** The first of the ten accounts that every anvil funds; its key is public knowledge. */
export const anvilAccount = {
  mnemonic: 'test test test test test test test test test test test junk',
  address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
} as const

/** Starts an anvil on loopback. */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(options.port ?? (await freePort()), options)
    } catch (error) {
      const isPortRace = options.port === undefined && /address already in use/i.test(String(error))
      if (!isPortRace || tries === portTriesMax) throw error
    }
  }
}

/** Path of the anvil program for this machine, out of the npm package that carries it. */
export function anvilProgram(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[platform]
  const processor = { x64: 'amd64', arm64: 'arm64' }[architecture]
  if (system === undefined || processor === undefined) {
    throw new Error(`there is no anvil for ${platform} on ${architecture}`)
  }
  const name = `@foundry-rs/anvil-${system}-${processor}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
  } catch (cause) {
    throw new Error(
      `anvil is not installed: the package ${name} is missing, run \`npm install\` without --omit=optional`,
      { cause },
    )
  }
}

async function startOn(port: number, options: AnvilOptions): Promise<Anvil> {
  // Whoever listens there might answer the readiness check in the place of this one.
  if (!(await isFree(port))) throw new Error(`anvil: address already in use: port ${port}`)
  const { chainId, signal, readyTimeoutMs = readyTimeoutMsDefault } = options
  const url = `http://127.0.0.1:${port}`
  const child = await startChild({
    name: `anvil (chain id ${chainId})`,
    command: anvilProgram(),
    args: argumentsOf(port, options),
  })
  try {
    await untilReady(child, {
      timeoutMs: readyTimeoutMs,
      signal,
      check: async (checkSignal) => {
        const answer = await askNode(url, { method: 'eth_chainId' }, { signal: checkSignal })
        return 'result' in answer && parseBlockNumber(answer.result) === chainId
      },
    })
  } catch (error) {
    await child.stop()
    throw error
  }
  const ask = (method: string, params: readonly unknown[] = []) => resultFrom(url, method, params)
  return {
    ...child,
    url,
    port,
    chainId,
    ask,
    headBlock: async () => {
      const head = parseBlockNumber(await ask('eth_blockNumber'))
      if (head === undefined) throw new Error(`${url} has no head`)
      return head
    },
    mine: async (blocks) => void (await ask('anvil_mine', [`0x${blocks.toString(16)}`])),
  }
}

function argumentsOf(port: number, options: AnvilOptions): string[] {
  const { chainId, blockTimeSeconds, forkUrl, forkBlock, finalityBlocks = 2 } = options
  return [
    ['--silent', '--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)],
    // The finalized block is two of these behind.
    ['--slots-in-an-epoch', String(finalityBlocks / 2)],
    blockTimeSeconds === undefined ? [] : ['--block-time', String(blockTimeSeconds)],
    forkUrl === undefined ? [] : ['--fork-url', forkUrl, '--no-storage-caching'],
    forkBlock === undefined ? [] : ['--fork-block-number', String(forkBlock)],
  ].flat()
}
