import type { Child } from '@mooring/store/embedded/child'
import { type Anvil, startAnvil } from '../anvil.ts'

/** Deep enough that a fork shows before and after finality. */
const depthBlocksDefault = 5
/** Blocks of the fork are mined by another account, so they differ even when they are empty. */
const forkCoinbase = '0x000000000000000000000000000000000000f04c'

/** A second anvil beside a first one: the same chain up to some blocks ago, another one after that. */
export type Fork = AsyncDisposable & {
  /** Address of the fork, as high as the chain it left. The first call starts it. */
  url(): Promise<string>
  stop(): Promise<void>
}

export type ForkOptions = {
  depthBlocks?: number | undefined
  /** Told of the process when it has started. */
  onStart?: ((child: Child) => void) | undefined
}

export function createFork(chain: Anvil, options: ForkOptions = {}): Fork {
  let started: Promise<Anvil> | undefined
  let following: Promise<void> | undefined
  const stop = async () => {
    const fork = started
    started = undefined
    // A start that failed left nothing running.
    await (await fork?.catch(() => undefined))?.stop()
  }
  return {
    async url() {
      started ??= startFork(chain, options)
      const current = started
      const forget = () => {
        if (started === current) started = undefined
      }
      const fork = await current.catch((error: unknown) => {
        forget()
        throw error
      })
      void fork.ended.then(forget)
      following ??= follow(chain, fork).finally(() => {
        following = undefined
      })
      await following
      return fork.url
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startFork(chain: Anvil, options: ForkOptions): Promise<Anvil> {
  const { depthBlocks = depthBlocksDefault, onStart } = options
  const forkBlock = Math.max(0, (await chain.headBlock()) - depthBlocks)
  const fork = await startAnvil({ chainId: chain.chainId, forkUrl: chain.url, forkBlock })
  onStart?.(fork)
  await fork.ask('anvil_setCoinbase', [forkCoinbase])
  return fork
}

async function follow(chain: Anvil, fork: Anvil): Promise<void> {
  const [chainHead, forkHead] = await Promise.all([chain.headBlock(), fork.headBlock()])
  if (chainHead > forkHead) await fork.mine(chainHead - forkHead)
}
