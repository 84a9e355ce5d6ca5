import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deposit, noHolding } from '@mooring/market/metering/holding'
import type { PostRequest } from '@mooring/protocol/metering/wire'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { beginEpoch } from '@mooring/store/ledger/epochs'
import { writeJournal } from '@mooring/store/ledger/journal'
import { lockHolding, saveHolding } from '@mooring/store/ledger/positions'
import { type PostTerms, postUsage } from '@mooring/store/ledger/post'
import type { MeasureContext } from '../harness/measurement.ts'
import { type Figures, formatFigure } from '../harness/report.ts'
import { figuresTable } from '../harness/table.ts'
import type { Plan } from './plan.ts'

const accountsEach = [100, 1_000, 5_000] as const
const writerCounts = [1, 4] as const
const writersMax = 4
const credits = 10n ** 12n
const usedCredits = 250

/** How many accounts' use a ledger books in a second, by the size of a post and by how many gateways post at once. */
export async function measurePostings({
  plan,
  signal,
  say,
}: MeasureContext & { plan: Plan }): Promise<{ figures: Figures; text: string }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-meter-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  // PostgreSQL may run as another user, who must reach its data. With a folder of its own it flushes what it keeps.
  await chmod(folder, 0o711)
  const postgres = stack.use(await startPostgres({ folder: join(folder, 'postgres'), signal }))
  const database = stack.use(await openDatabase(await postgres.createDatabase('postings')))
  say(`${writersMax * Math.max(...accountsEach)} accounts …`)
  for (let writer = 0; writer < writersMax; writer++) await fundAll(database, writer)
  const figures: Record<string, number> = {}
  const rows: string[][] = []
  for (const writers of writerCounts) {
    for (const accounts of accountsEach) {
      signal.throwIfAborted()
      say(`posts of ${accounts} accounts, ${writers} at once …`)
      const posts = await postFor(database, { writers, accounts, seconds: plan.ledgerSeconds })
      figures[`posts${accounts}At${writers}PerSecond`] = posts
      figures[`accounts${accounts}At${writers}PerSecond`] = posts * accounts
      rows.push([String(accounts), String(writers), ...[posts, posts * accounts].map(formatFigure)])
    }
  }
  const titles = ['accounts in a post', 'gateways at once', 'posts a second', 'accounts a second']
  const text = `Posts that the ledger books on a PostgreSQL that flushes to the disk, each account charged and leased to
${figuresTable(titles, rows)}
`
  return { figures, text }
}

function accountOf(writer: number, at: number): string {
  return `eip155:1:0x${(writer * 100_000 + at).toString(16).padStart(40, '0')}`
}

/** As a deposit that was credited leaves them; all of a writer in one transaction. */
async function fundAll(database: Database, writer: number): Promise<void> {
  const { holding, moves } = deposit(noHolding, { tokens: credits, credits })
  await database.transact(async (queries) => {
    const asset = 'ankr'
    const names = Array.from({ length: Math.max(...accountsEach) }, (_, at) =>
      accountOf(writer, at),
    )
    for (const account of names) {
      await lockHolding(queries, account, asset)
      await saveHolding(queries, { account, asset, holding })
    }
    const bookings = names.flatMap((account) => moves.map((move) => ({ account, asset, move })))
    await writeJournal(queries, { cause: `funds ${writer}`, nowMs: Date.now() }, bookings)
  })
}

/** @returns Posts a second, of all writers together. */
async function postFor(
  database: Database,
  { writers, accounts, seconds }: { writers: number; accounts: number; seconds: number },
): Promise<number> {
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  const counts = await Promise.all(
    Array.from({ length: writers }, (_, writer) =>
      postUntil(database, { writer, accounts, endMs }),
    ),
  )
  const posts = counts.reduce((sum, count) => sum + count, 0)
  return (posts * 1_000) / (performance.now() - startMs)
}

async function postUntil(
  database: Database,
  { writer, accounts, endMs }: { writer: number; accounts: number; endMs: number },
): Promise<number> {
  const instance = `writer-${writer}`
  const times = { leaseMs: 30_000 }
  const epoch = Number(await beginEpoch(database.sql, instance, times))
  let posts = 0
  do {
    const request = requestOf(accounts, { writer, instance, epoch, frame: posts + 1 })
    const { answer, findings } = await postUsage(database, request, termsNow())
    if ('error' in answer) throw new Error(answer.detail)
    if (findings.uncollected > 0n) throw new Error('the accounts are used up')
    posts++
  } while (performance.now() < endMs)
  const [number, to] = [posts + 1, posts]
  const end = { number, from: to + 1, to, usage: [], leases: [], closes: true }
  await postUsage(database, { instance, epoch, ...end }, termsNow())
  return posts
}

function requestOf(
  accounts: number,
  own: { writer: number; instance: string; epoch: number; frame: number },
): PostRequest {
  const { writer, instance, epoch, frame } = own
  const hour = Math.floor(Date.now() / 3_600_000)
  const names = Array.from({ length: accounts }, (_, at) => accountOf(writer, at))
  const line = { key: '', ownPurse: false, chain: 'eth', method: 'eth_call', status: 'ok', hour }
  return {
    ...{ instance, epoch, number: frame, from: frame, to: frame, closes: false },
    usage: names.map((account) => ({ ...line, account, requests: 1, credits: usedCredits })),
    // As a gateway asks that holds what it wants and has used some of it.
    leases: names.map((account) => ({
      account,
      key: '',
      holds: 2_000,
      wants: usedCredits,
      needs: 0,
    })),
  }
}

function termsNow(): PostTerms {
  const noCap = { min: 10n ** 40n, ppm: 100_000n }
  const nowMs = Date.now()
  const caps = { ankr: noCap, usd: noCap }
  return { nowMs, leaseMs: 30_000, caps, period: 1n, periodEndsMs: nowMs + 60_000, chainEpoch: 0n }
}
