import type { Economy } from '@mooring/market/economy/economy'
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from 'viem'
import type { World } from '../world.ts'

/** One thing to read on chain, and what the model says it is. */
export type Row = {
  label: string
  to: Address
  data: Hex
  /** What the answer tells, in the terms of `expected`. */
  told: (answer: Hex) => unknown
  expected: unknown
}

/** The rows of one contract. */
export type RowsOf = (world: World, economy: Economy) => Row[]

type View<A extends Abi> = ContractFunctionName<A, 'view' | 'pure'>
type Told<A extends Abi, F extends View<A>> = ContractFunctionReturnType<A, 'view' | 'pure', F>

/**
 * Makes rows of one contract.
 *
 * @param pick - What to compare of an answer; without it, all of it.
 */
export function rowsFrom<const A extends Abi>(part: string, to: Address, abi: A) {
  return <F extends View<A>>(
    functionName: F,
    args: ContractFunctionArgs<A, 'view' | 'pure', F>,
    expected: unknown,
    pick: (answer: Told<A, F>) => unknown = (answer) => answer,
  ): Row => ({
    label: `${part}.${functionName}(${args})`,
    to,
    data: encodeFunctionData({ abi, functionName, args } as never),
    // The encoder and the decoder look at the same ABI.
    told: (data) => pick(decodeFunctionResult({ abi, functionName, data } as never) as never),
    expected,
  })
}

/** Numbers of any width alike, addresses in lower case, members in order of name. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase()
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${name}: ${canonical(member)}`).join(', ')}}`
}
