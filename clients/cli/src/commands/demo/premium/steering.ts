import { exchange, isRecord, parseJson } from '../../../http.ts'
import { assertShown, type Stage } from './stage.ts'

/** What is wrong with a node of the local network now. @param node - As `provider/node`. */
export async function fetchFaults(stage: Stage, node: string): Promise<object> {
  const reply = await exchange(stage.context, urlOf(stage, node))
  const front = reply.ok ? parseJson(reply.text) : undefined
  const faults = isRecord(front) ? front.faults : undefined
  assertShown(isRecord(faults), `the local network does not tell of its node ${node}`)
  return faults
}

/** Changes what is wrong with a node. */
export async function steer(stage: Stage, node: string, faults: object): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify(faults) }
  const reply = await exchange(stage.context, urlOf(stage, node), { init })
  assertShown(reply.ok && reply.status === 200, `the node ${node} cannot be steered`)
}

function urlOf({ network }: Stage, node: string): string {
  return `${network.networkAdmin}/fronts/${network.chain}/${node}`
}
