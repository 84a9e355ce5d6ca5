import { Database } from 'bun:sqlite'
import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  parseReceipt,
  type Receipt,
  type ReceiptText,
  receiptText,
} from '@mooring/protocol/relays/receipts'
import type { Hex } from '@mooring/protocol/relays/sessions'

/** What a receipt is one of: numbers and sums of one series go on from each other. */
export type Series = Pick<Receipt, 'session' | 'chain' | 'epoch'>

/** A receipt that both ends have signed. */
export type KeptReceipt = {
  receipt: Receipt
  /** What is signed. */
  digest: Hex
  gatewaySignature: Hex
  nodeSignature: Hex
}

/** What is written down of one window. */
export type WindowRow = KeptReceipt & {
  /** Leaves in ascending order, to be opened later by whoever must. */
  leaves: Uint8Array
  /** Seconds since 1970. */
  keptAt: number
}

/** Another receipt of this number is kept, or the one before is not: it must not be signed. */
export class ReceiptConflict extends Error {
  override name = 'ReceiptConflict'
}

/**
 * The receipts of one end, in a file of its own. What is kept is on the disk when `stored` resolves, however the process
 * ends; of each number of a series there is one receipt for ever.
 */
export class ReceiptBook {
  readonly #database: Database
  readonly #log: number
  #syncing: Promise<void> | undefined
  #next: Promise<void> | undefined
  /** What was asked for or kept of late: a series goes on where it was a second ago. */
  readonly #lasts = new Map<string, KeptReceipt>()
  /** Series that have grown since they were told; undefined before anybody has asked. */
  #grown: Map<string, Series> | undefined

  constructor(file: string) {
    this.#database = openDatabase(file)
    // It is there as long as the database is open, and what is committed stands in it until it is in the file itself.
    this.#log = openSync(`${file}-wal`, 'r+')
  }

  /** The last receipt of a series. */
  lastOf(series: Series): KeptReceipt | undefined {
    const { session, chain, epoch } = series
    const known = this.#lasts.get(nameOf(series))
    if (known !== undefined) return known
    const row = this.#database
      .query<Row, [string, string, string]>(
        'select * from receipts where session = ? and chain = ? and epoch = ? order by number desc limit 1',
      )
      .get(session, chain, String(epoch))
    return row === null ? undefined : this.#remember(keptOf(row))
  }

  /**
   * Writes a receipt down. Once more is no harm. Throws `ReceiptConflict` where it is not the next of its series, and what
   * the disk says where that takes nothing.
   */
  keep({ receipt, digest, gatewaySignature, nodeSignature, leaves, keptAt }: WindowRow): void {
    const last = this.lastOf(receipt)
    if (last?.digest === digest) return
    const before = last?.receipt.number ?? 0n
    if (receipt.number !== before + 1n) {
      const { number, session } = receipt
      throw new ReceiptConflict(`receipt ${number} does not follow ${before} of session ${session}`)
    }
    const { session, chain, epoch, number } = receipt
    const text = JSON.stringify(receiptText(receipt))
    this.#database.transaction(() => {
      const { lastInsertRowid } = this.#database
        .query('insert into windows (leaves, kept_at) values (?, ?)')
        .run(leaves, keptAt)
      this.#database
        .query(
          'insert into receipts (session, chain, epoch, number, receipt, digest, gateway_signature, node_signature, window, kept_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          ...[session, chain, String(epoch), Number(number), text, digest],
          ...[gatewaySignature, nodeSignature, lastInsertRowid, keptAt],
        )
    })()
    this.#remember({ receipt, digest, gatewaySignature, nodeSignature })
    this.#grown?.set(nameOf(receipt), { session, chain, epoch })
  }

  /** The last receipt of each series that has grown since it was told; so many at most. */
  untold(max: number): KeptReceipt[] {
    this.#grown ??= new Map(this.#readGrown().map((series) => [nameOf(series), series]))
    const receipts: KeptReceipt[] = []
    for (const series of this.#grown.values()) {
      if (receipts.length === max) break
      const last = this.lastOf(series)
      if (last !== undefined) receipts.push(last)
    }
    return receipts
  }

  /** They were told as they were given out; a series that has grown since is told again. */
  markTold(receipts: readonly KeptReceipt[]): void {
    this.#database.transaction(() => {
      for (const { receipt } of receipts) {
        const { session, chain, epoch, number } = receipt
        this.#database
          .query('insert or replace into told (epoch, session, chain, number) values (?, ?, ?, ?)')
          .run(String(epoch), session, chain, Number(number))
      }
    })()
    for (const { receipt } of receipts) {
      const isLast = this.lastOf(receipt)?.receipt.number === receipt.number
      if (isLast) this.#grown?.delete(nameOf(receipt))
    }
  }

  #readGrown(): Series[] {
    return (
      this.#database
        .query<{ epoch: string; session: string; chain: string }, []>(
          `select epoch, session, chain from receipts left join told using (epoch, session, chain)
           group by epoch, session, chain having max(receipts.number) > coalesce(max(told.number), 0)`,
        )
        .all()
        // Written by `keep`, which takes hexadecimal digits.
        .map(({ epoch, session, chain }) => ({
          ...{ epoch: BigInt(epoch), session: session as Hex, chain: chain as Hex },
        }))
    )
  }

  /** Resolves when all that was kept before is on the disk. Those who wait together are served by one flush. */
  stored(): Promise<void> {
    if (this.#syncing === undefined) {
      this.#syncing = this.#flush()
      return this.#syncing
    }
    // The one under way may have begun before what this caller has kept.
    this.#next ??= this.#syncing
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#syncing = this.#flush()
        return this.#syncing
      })
    return this.#next
  }

  /** The last receipt of each series of an epoch, in pages: `after` is the session of the last one before. */
  lastReceiptsOf(
    epoch: bigint,
    { after = '', max }: { after?: string; max: number },
  ): KeptReceipt[] {
    return this.#database
      .query<Row, [string, string, number]>(
        'select *, max(number) from receipts where epoch = ? and session > ? group by session, chain order by session, chain limit ?',
      )
      .all(String(epoch), after, max)
      .map(keptOf)
  }

  /** What the windows of an epoch come to. */
  totals(): { windows: number; series: number } {
    const row = this.#database
      .query<{ windows: number; series: number }, []>(
        'select count(*) as windows, count(distinct session || chain || epoch) as series from receipts',
      )
      .get()
    return { windows: row?.windows ?? 0, series: row?.series ?? 0 }
  }

  /** Forgets receipts and windows that were kept before that second. */
  prune(beforeSeconds: number): void {
    this.#lasts.clear()
    for (const table of ['receipts', 'windows']) {
      this.#database.query(`delete from ${table} where kept_at < ?`).run(beforeSeconds)
    }
    this.#database.run(
      'delete from told where not exists (select * from receipts where (receipts.epoch, receipts.session, receipts.chain) = (told.epoch, told.session, told.chain))',
    )
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => {})
    await this.#syncing?.catch(() => {})
    closeSync(this.#log)
    this.#database.close()
  }

  #remember(kept: KeptReceipt): KeptReceipt {
    if (this.#lasts.size >= lastsMax) this.#lasts.clear()
    this.#lasts.set(nameOf(kept.receipt), kept)
    return kept
  }

  async #flush(): Promise<void> {
    try {
      await flush(this.#log)
    } finally {
      this.#syncing = undefined
    }
  }
}

const flush = promisify(fdatasync)
const lastsMax = 4_096

function nameOf({ session, chain, epoch }: Series): string {
  return `${session} ${chain} ${epoch}`
}

/**
 * With `normal` the database is whole after any end, and its log is flushed before it is taken over into the file; that the
 * newest of the log is on the disk `stored` sees to, without holding up relays meanwhile.
 */
function openDatabase(file: string): Database {
  const database = new Database(file, { create: true, strict: true })
  // A window is some 30 KB: few pages of this size, and fewer writes than of the usual one.
  database.run('pragma page_size = 16384')
  database.run('pragma journal_mode = wal')
  database.run('pragma synchronous = normal')
  const { user_version: version } = database.query('pragma user_version').get() as {
    user_version: number
  }
  if (version > migrations.length) throw new Error(`${file} was written by a later version`)
  for (const [at, migration] of migrations.entries()) {
    if (at < version) continue
    database.transaction(() => {
      database.run(migration)
      database.run(`pragma user_version = ${at + 1}`)
    })()
  }
  return database
}

/** Applied in order, each once; what is here is never changed. */
const migrations = [
  // No other index: each would be one more page to write for every receipt, and what is old is looked for once a day.
  `create table windows (
     id integer primary key,
     kept_at integer not null,
     -- In ascending order, 32 bytes each.
     leaves blob not null
   ) strict;
   create table receipts (
     epoch text not null,
     session text not null,
     chain text not null,
     number integer not null,
     kept_at integer not null,
     receipt text not null,
     digest text not null,
     gateway_signature text not null,
     node_signature text not null,
     window integer not null,
     primary key (epoch, session, chain, number)
   ) strict, without rowid;`,
  // How far each series was told to whoever keeps the books.
  `create table told (
     epoch text not null,
     session text not null,
     chain text not null,
     number integer not null,
     primary key (epoch, session, chain)
   ) strict, without rowid;`,
] as const

type Row = {
  receipt: string
  digest: string
  gateway_signature: string
  node_signature: string
}

function keptOf(row: Row): KeptReceipt {
  const text: ReceiptText = JSON.parse(row.receipt)
  const receipt = parseReceipt(text)
  if (receipt === undefined) throw new Error('the book of receipts holds something else')
  // Written by `keep`, which takes hexadecimal digits.
  const signatures = {
    gatewaySignature: row.gateway_signature as Hex,
    nodeSignature: row.node_signature as Hex,
  }
  return { receipt, digest: row.digest as Hex, ...signatures }
}
