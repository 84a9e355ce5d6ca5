import { escrowAbi } from '@mooring/abis/escrow'
import { sumOf } from '@mooring/market/economy/money/mul-div'
import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import { readPart } from '@mooring/onchain/contracts'
import { listHoldings } from '@mooring/store/ledger/holdings'
import { player } from '../economy/people.ts'
import type { Line } from './audit.ts'
import type { Stage } from './story.ts'
import { untilSo } from './until.ts'

/** Compares the books of the billing service with the contracts, with what gateways told, and with receipts. */
export async function auditBooks(
  stage: Stage,
  files: readonly ReadEpochFile[],
): Promise<{ lines: Line[]; problems: string[] }> {
  return {
    lines: [...(await accountLines(stage)), ...(await epochLines(stage, files))],
    problems: await checkProblems(stage),
  }
}

/** What each account has by the books and by the escrow. */
async function accountLines({ world, customers, sql, signal }: Stage): Promise<Line[]> {
  const lines: Line[] = []
  for (const { account, number } of customers) {
    const { address } = player(number)
    const onChain = await readPart(world.economy, 'ankrEscrow', 'accountOf', [address])
    const holding = async () => {
      const [found] = await listHoldings(sql, account)
      if (found === undefined) throw new Error(`${account} has no holding`)
      return found
    }
    // What left the escrow is in the books some seconds after it is final.
    await untilSo(`the withdrawal of ${account} is in the books`, signal, async () => {
      const { tokens, accrued } = await holding()
      return tokens + accrued === onChain.balance
    })
    const { tokens, accrued, missing } = await holding()
    lines.push(
      { what: `tokens of account ${number}`, expected: onChain.balance, found: tokens + accrued },
      { what: `missing to account ${number}`, expected: 0n, found: missing },
    )
  }
  return lines
}

/** What epochs say was charged, against all that was charged; and what nodes did, against their receipts. */
async function epochLines({ sql, world }: Stage, files: readonly ReadEpochFile[]): Promise<Line[]> {
  const [charged] = await sql<{ tokens: string; credits: string }[]>`
    select coalesce(sum(tokens), 0) as tokens, coalesce(sum(credits), 0) as credits
    from moves where verb in ('charge', 'chargeLate')`
  const [used] = await sql<{ credits: string }[]>`
    select coalesce(sum(credits), 0) as credits from usage where account <> ''`
  const rows = files.flatMap(({ data }) => data.charges)
  const applied = await appliedOf(world)
  return [
    {
      what: 'tokens charged by the ledger = by all epochs',
      expected: BigInt(charged?.tokens ?? 0),
      found: sumOf(rows.map(({ tokens }) => tokens)),
    },
    {
      what: 'credits charged by the ledger = by all epochs',
      expected: BigInt(charged?.credits ?? 0),
      found: sumOf(rows.map(({ credits }) => credits)),
    },
    {
      what: 'credits of the usage = of all epochs and uncollected',
      expected: BigInt(used?.credits ?? 0),
      found: sumOf(files.flatMap(({ data }) => data.served.map((row) => row.charged))),
    },
    {
      what: 'tokens charged by the ledger = by the escrow',
      expected: BigInt(charged?.tokens ?? 0),
      found: applied,
    },
  ]
}

/** What roots have taken in all lives of all accounts: what the router got. */
async function appliedOf({ economy }: Stage['world']): Promise<bigint> {
  const { reader, deployment } = economy
  const address = deployment.parts.ankrEscrow
  const events = await reader.getContractEvents({
    ...{ address, abi: escrowAbi, eventName: 'Charged', fromBlock: 0n },
  })
  return sumOf(events.map(({ args }) => args.amount ?? 0n))
}

/** What the always-on checks of the billing service find. */
async function checkProblems({ world, signal }: Stage): Promise<string[]> {
  type Report = { check: string; checkedAt?: string; discrepancies: object[] }
  const read = async () =>
    (await (await fetch(`${world.billing.process.url}/v1/checks`)).json()) as Report[]
  // One round after all was booked.
  const since = new Date().toISOString()
  await untilSo('all checks were made once more', signal, async () =>
    (await read()).every(({ checkedAt }) => checkedAt !== undefined && checkedAt > since),
  )
  return (await read()).flatMap(({ check, discrepancies }) =>
    discrepancies.map((found) => `check ${check}: ${JSON.stringify(found)}`),
  )
}
