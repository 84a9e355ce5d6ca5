import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from 'viem'
import type { Reader } from './clients.ts'
import { abiOfPart, type PartAbi, type System } from './contracts.ts'
import type { PartName } from './deploy/plan.ts'
import { isUnreachable } from './failures.ts'

type Reads<P extends PartName> = ContractFunctionName<PartAbi[P], 'view' | 'pure'>

/** In one question: nodes take the answer for the code of a contract, which has a bound. */
const callsEach = 40
const questionsAtOnce = 8

/**
 * Asks a part of the deployment the same of many, in a few questions and of one block. Answers are in the order of `all`.
 * Needs no contract that bundles calls, for its code is sent along; where a node does not take that, or the answer is too
 * long for it, each is asked alone.
 */
export async function readMany<
  P extends PartName,
  F extends Reads<P>,
  const A extends ContractFunctionArgs<PartAbi[P], 'view' | 'pure', F>,
>(
  { reader, deployment }: System,
  asked: { part: P; functionName: F; blockNumber: bigint },
  all: readonly A[],
): Promise<ContractFunctionReturnType<PartAbi[P], 'view' | 'pure', F, A>[]> {
  const { part, functionName, blockNumber } = asked
  const calls = all.map((args) => ({
    address: deployment.parts[part] as Address,
    abi: abiOfPart[part] as Abi,
    functionName: functionName as string,
    args: args as readonly unknown[],
  }))
  const answers: unknown[] = []
  for (let at = 0; at < calls.length; at += callsEach * questionsAtOnce) {
    const questions = Array.from({ length: questionsAtOnce }, (_, place) =>
      calls.slice(at + place * callsEach, at + (place + 1) * callsEach),
    )
    const some = await Promise.all(questions.map((each) => readBundle(reader, each, blockNumber)))
    answers.push(...some.flat())
  }
  // The types above have checked name and arguments against the ABI; viem's own cannot follow a part that is a parameter.
  return answers as ContractFunctionReturnType<PartAbi[P], 'view' | 'pure', F, A>[]
}

type OneCall = { address: Address; abi: Abi; functionName: string; args: readonly unknown[] }

async function readBundle(
  reader: Reader,
  calls: readonly OneCall[],
  blockNumber: bigint,
): Promise<unknown[]> {
  if (calls.length === 0) return []
  try {
    const bundled = { allowFailure: false, deployless: true, batchSize: Number.MAX_SAFE_INTEGER }
    return await reader.multicall({ contracts: calls, blockNumber, ...bundled })
  } catch (error) {
    if (isUnreachable(error)) throw error
    return Promise.all(calls.map((call) => reader.readContract({ ...call, blockNumber })))
  }
}
