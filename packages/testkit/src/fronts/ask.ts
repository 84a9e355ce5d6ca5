import type { NodeAnswer } from '../ask-node.ts'

/** One question to a node. Faults of content wrap an `Ask` in another one. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<NodeAnswer>

/** The result of a question that a node does not refuse, or undefined when it does. */
export async function resultOf(
  ask: Ask,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const answer = await ask(method, params)
  return 'result' in answer ? answer.result : undefined
}
