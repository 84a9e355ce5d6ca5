import type { Action } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import { artifacts } from '@mooring/onchain/deploy/artifacts'
import { failureFromData } from '@mooring/onchain/failures'
import type { Seconds } from '@mooring/protocol/units'
import type { Abi, Hex } from 'viem'
import { callOf } from './calls.ts'
import { sendUnsigned, type World } from './world.ts'

/** What the chain made of a transaction: undefined when it went through, else the error in the contract's own words. */
export type Outcome = { name: string | undefined; sentence: string } | undefined

// Any of them may have been called by another one.
const abis: readonly Abi[] = Object.values(artifacts).map(({ abi }) => abi)

/** Does an action at exactly that second, in a block of its own. */
export async function transact(
  world: World,
  economy: Economy,
  { action, now }: { action: Action; now: Seconds },
): Promise<Outcome> {
  const { anvil } = world
  const { before = [], ...call } = await callOf(action, { world, economy, now })
  const from = world.addressOf(action.caller)
  for (const earlier of before) await sendUnsigned(anvil, { from, ...earlier })
  const hash = await sendUnsigned(anvil, { from, ...call })
  await anvil.ask('evm_setNextBlockTimestamp', [Number(now)])
  await anvil.ask('evm_mine')
  // A receipt as the protocol describes it.
  const receipt = (await anvil.ask('eth_getTransactionReceipt', [hash])) as { status: Hex } | null
  if (receipt === null) throw new Error(`${action.name} is in no block`)
  return receipt.status === '0x1' ? undefined : reasonOf(world, hash)
}

async function reasonOf({ anvil }: World, hash: Hex): Promise<Outcome> {
  const traced = await anvil.ask('debug_traceTransaction', [hash, { tracer: 'callTracer' }])
  // As the tracer describes a call.
  const { output = '0x' } = traced as { output?: Hex }
  return failureFromData(output, abis)
}
