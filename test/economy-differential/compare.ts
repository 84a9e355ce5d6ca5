import type { Economy } from '@mooring/market/economy/economy'
import type { Hex } from 'viem'
import { escrowRows } from './rows/escrow.ts'
import { feeRows } from './rows/fees.ts'
import { parameterRows } from './rows/parameters.ts'
import { poolRows } from './rows/pool.ts'
import { registryRows } from './rows/registry.ts'
import { rewardRows } from './rows/rewards.ts'
import { canonical, type Row, type RowsOf } from './rows/row.ts'
import { signerRows } from './rows/signers.ts'
import { tokenRows } from './rows/tokens.ts'
import { unbondingRows } from './rows/unbonding.ts'
import type { World } from './world.ts'

const allRows: readonly RowsOf[] = [
  tokenRows,
  parameterRows,
  signerRows,
  registryRows,
  poolRows,
  unbondingRows,
  escrowRows,
  feeRows,
  rewardRows,
]

/** Where the chain's state is another than the model's, in words; nothing when they are the same to the last unit. */
export async function differences(world: World, economy: Economy): Promise<string[]> {
  const rows = allRows.flatMap((rowsOf) => rowsOf(world, economy))
  const answers = await readAll(world, rows)
  return rows.flatMap(({ label, told, expected }, place) => {
    const { result, error } = answers[place] ?? {}
    if (result === undefined) return [`${label} could not be read: ${error?.message}`]
    const [found, wanted] = [canonical(told(result)), canonical(expected)]
    return found === wanted ? [] : [`${label} is ${found} on chain, ${wanted} in the model`]
  })
}

type Answer = { id: number; result?: Hex; error?: { message: string } }

/** All in one request: a question for each would take most of the time. */
async function readAll({ anvil }: World, rows: readonly Row[]): Promise<Answer[]> {
  const questions = rows.map(({ to, data }, id) => {
    return { jsonrpc: '2.0', id, method: 'eth_call', params: [{ to, data }, 'latest'] }
  })
  const response = await fetch(anvil.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(questions),
    signal: AbortSignal.timeout(20_000),
  })
  // One answer for each question, as JSON-RPC has it.
  const answers = (await response.json()) as Answer[]
  return answers.sort((one, other) => one.id - other.id)
}
