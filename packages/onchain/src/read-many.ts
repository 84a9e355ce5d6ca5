import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from 'viem'
import { abiOfPart, type PartAbi, type System } from './contracts.ts'
import type { PartName } from './deploy/plan.ts'

type Reads<P extends PartName> = ContractFunctionName<PartAbi[P], 'view' | 'pure'>

/** Bytes of calldata in one question; what is around them is several times as much, and code that is sent along has a bound. */
const questionBytes = 4_096
/** Asked at a time, so that no node is sent hundreds of questions at once. */
const callsAtOnceMax = 500

/**
 * Asks a part of the deployment the same of many, in a few questions and of one block. Answers are in the order of `all`.
 * Needs no contract that bundles calls: its code is sent along.
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
  const address: Address = deployment.parts[part]
  const answers: unknown[] = []
  for (let at = 0; at < all.length; at += callsAtOnceMax) {
    const contracts = all.slice(at, at + callsAtOnceMax).map((args) => ({
      address,
      abi: abiOfPart[part] as Abi,
      functionName: functionName as string,
      args: args as readonly unknown[],
    }))
    const some = await reader.multicall({
      ...{ contracts, blockNumber, allowFailure: false },
      ...{ batchSize: questionBytes, deployless: true },
    })
    answers.push(...some)
  }
  // The types above have checked name and arguments against the ABI; viem's own cannot follow a part that is a parameter.
  return answers as ContractFunctionReturnType<PartAbi[P], 'view' | 'pure', F, A>[]
}
