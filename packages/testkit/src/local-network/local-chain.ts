import type { Child } from '@mooring/store/embedded/child'
import { type Actor, startActor } from '../actor.ts'
import { type Anvil, startAnvil } from '../anvil.ts'
import { createFork } from '../fronts/fork.ts'
import { type Front, startFront } from '../fronts/front.ts'
import { seededRandom, seedOf } from '../random.ts'
import type { ChainPlan } from './plan.ts'

export type LocalChainOptions = {
  seed: number
  actorIntervalMs?: number | undefined
  signal?: AbortSignal | undefined
  onChild?: ((child: Child) => void) | undefined
  onActorError?: ((error: unknown) => void) | undefined
}

/** One chain of the local network: an anvil, the nodes that play before it, and someone who uses it. */
export type LocalChain = AsyncDisposable & {
  readonly name: string
  readonly chainId: number
  readonly anvil: Anvil
  readonly fronts: readonly Front[]
  readonly actor: Actor
}

export async function startLocalChain(
  plan: ChainPlan,
  options: LocalChainOptions,
): Promise<LocalChain> {
  const { name, chainId } = plan.definition
  const { signal, onChild } = options
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ chainId, signal }))
  onChild?.(anvil)
  const fork = stack.use(createFork(anvil, { onStart: onChild }))
  const fronts: Front[] = []
  for (const { provider, node, faults } of plan.fronts) {
    signal?.throwIfAborted()
    const random = seededRandom(options.seed ^ seedOf(`${name}/${provider}/${node}`))
    const front = { chain: name, provider, node, nodeUrl: anvil.url, fork, faults, random }
    fronts.push(stack.use(await startFront(front)))
  }
  const actor = stack.use(
    await startActor({
      url: anvil.url,
      chainId,
      intervalMs: options.actorIntervalMs,
      onError: options.onActorError,
    }),
  )
  const owned = stack.move()
  return {
    name,
    chainId,
    anvil,
    fronts,
    actor,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
