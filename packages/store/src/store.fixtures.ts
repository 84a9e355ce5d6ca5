import type { SQL } from 'bun'
import { connect, type Database, openDatabase } from './database.ts'
import type { Postgres } from './embedded/postgres.ts'

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

/** Databases for whoever asks. */
export function storeOn(postgres: Postgres) {
  let count = 0
  const newUrl = () => postgres.createDatabase(`store-${++count}`)
  let template: Promise<string> | undefined
  const makeTemplate = async () => {
    const name = 'store-template'
    await (await openDatabase(await postgres.createDatabase(name))).close()
    return name
  }
  return {
    newUrl,
    /** With all tables. A copy takes three quarters of the time that all steps take. */
    open: async (): Promise<Database> => {
      template ??= makeTemplate()
      const copied = { template: await template }
      return await openDatabase(await postgres.createDatabase(`store-${++count}`, copied))
    },
    empty: async (): Promise<SQL> => connect(await newUrl()),
    stop: () => postgres[Symbol.asyncDispose](),
  }
}
