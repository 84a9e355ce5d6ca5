import type { SQL } from 'bun'
import { connect, type Database, openDatabase } from './database.ts'

export const alice = 'eip155:1:0x00000000000000000000000000000000000a11ce'
export const bob = 'eip155:1:0x0000000000000000000000000000000000000b0b'
/** A Monday. */
export const nowMs = Date.UTC(2026, 5, 1)
export const dayMs = 86_400_000
export const noRestrictions = {
  origins: [],
  addresses: [],
  contracts: [],
  methods: [],
  chains: [],
}

/** A digest that stands for something called `name`, as base64url. */
export function digestNamed(name: string): string {
  const bytes = new Bun.CryptoHasher('sha256').update(name).digest()
  return new Uint8Array(bytes).toBase64({ alphabet: 'base64url', omitPadding: true })
}

export function hashNamed(name: string): `0x${string}` {
  return `0x${new Bun.CryptoHasher('sha256').update(name).digest('hex')}`
}

type Postgres = AsyncDisposable & { createDatabase(name: string): Promise<string> }

/** An empty database for whoever asks. */
export function storeOn(postgres: Postgres) {
  let count = 0
  const newUrl = () => postgres.createDatabase(`store-${++count}`)
  return {
    newUrl,
    open: async (): Promise<Database> => openDatabase(await newUrl()),
    empty: async (): Promise<SQL> => connect(await newUrl()),
    stop: () => postgres[Symbol.asyncDispose](),
  }
}
