import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { createReader, createWallet } from '@mooring/onchain/clients'
import { parseDeployment } from '@mooring/onchain/deployment'
import { createSender } from '@mooring/onchain/send'
import type { Address } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { requestRpc } from '../../../json-rpc.ts'
import type { DemoNetwork } from './network.ts'
import { DemoFailure, type Stage } from './stage.ts'

/** Pace at which blocks come while a deposit waits for them. */
const blockMs = 150

/** Gives a new wallet gas and tokens out of accounts of the local network that everyone knows. */
export async function fund(
  network: DemoNetwork,
  to: Address,
  { ankr, usd, gasWei }: { ankr: bigint; usd: bigint; gasWei: bigint },
): Promise<void> {
  const { chainId, parts } = parseDeployment(readFileSync(network.deployment, 'utf8'))
  const at = { url: network.rpc, chainId }
  const reader = createReader(at)
  const funder = createWallet(at, privateKeyToAccount(network.funder))
  const hash = await funder.sendTransaction({ to, value: gasWei })
  await reader.waitForTransactionReceipt({ hash })
  const wallet = createWallet(at, privateKeyToAccount(network.holder))
  const sender = createSender({ reader, wallet })
  const common = { abi: ankrTokenAbi, functionName: 'transfer' } as const
  await sender.send({ ...common, to: parts.ankr, args: [to, ankr] })
  await sender.send({ ...common, to: parts.stable, args: [to, usd] })
}

/** Has the local chain make blocks for as long as something goes on: nobody waits three minutes for twelve of them. */
export async function whileMining<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const done = new AbortController()
  const mining = mineUntil(stage, done.signal)
  try {
    return await work()
  } finally {
    done.abort()
    await mining
  }
}

async function mineUntil({ context, network }: Stage, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const request = { method: 'anvil_mine', params: [1] }
    await requestRpc(context, { url: network.rpc }, request)
    await pause(blockMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Tries until something holds, for as long as is promised that it takes. */
export async function eventually<T>(
  { signal }: Pick<Stage, 'signal'>,
  attempt: () => Promise<T | undefined>,
  { what, deadlineMs = 15_000 }: { what: string; deadlineMs?: number },
): Promise<T> {
  const untilMs = performance.now() + deadlineMs
  for (;;) {
    signal.throwIfAborted()
    const found = await attempt()
    if (found !== undefined) return found
    if (performance.now() > untilMs)
      throw new DemoFailure(`${what}, even after ${deadlineMs / 1_000} s`)
    await pause(100, undefined, { signal })
  }
}
