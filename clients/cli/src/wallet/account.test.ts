import { beforeAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { anvilAccount } from '@mooring/testkit/anvil'
import { openFolder } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { type AccountOptions, loadAccount } from './account.ts'

const { address, privateKey } = anvilAccount
const password = 'correct horse'
/** As `cast wallet import` writes it. */
let keystore: string

beforeAll(() => {
  using folder = openFolder()
  const cast = createRequire(import.meta.url).resolve('@foundry-rs/cast/package.json')
  const program = join(cast, '../bin.mjs')
  const args = ['wallet', 'import', 'test', '--keystore-dir', folder.path]
  const secret = ['--private-key', privateKey, '--unsafe-password', password]
  const run = spawnSync('node', [program, ...args, ...secret], { encoding: 'utf8' })
  const [file = ''] = readdirSync(folder.path)
  if (file === '') throw new Error(`cast wrote no keystore: ${run.stderr}`)
  keystore = readFileSync(join(folder.path, file), 'utf8')
})

function load(
  options: AccountOptions,
  world: { env?: Record<string, string>; stdin?: string; cwd?: string; typed?: string } = {},
) {
  const { env = {}, stdin = '', cwd = '/', typed } = world
  // What loading an account touches of the world.
  const context = {
    env,
    cwd,
    readStdin: async () => stdin,
    prompter: typed === undefined ? undefined : { askSecret: async () => typed },
  } as unknown as Context
  return loadAccount(context, options)
}

describe('a key is found', () => {
  test('in the environment, with 0x or without', async () => {
    for (const key of [privateKey, privateKey.slice(2)]) {
      const found = await load({}, { env: { MOORING_PRIVATE_KEY: key } })
      expect(found.address).toBe(address)
    }
  })

  test('on standard input', async () => {
    expect((await load({ keyStdin: true }, { stdin: `${privateKey}\n` })).address).toBe(address)
  })

  test('in a keystore that cast wrote, with its password from a file, the environment or a person', async () => {
    using folder = openFolder()
    writeFileSync(join(folder.path, 'key.json'), keystore)
    writeFileSync(join(folder.path, 'password'), `${password}\n`)
    const options = { keystore: 'key.json' }
    const cwd = folder.path
    const found = await Promise.all([
      load({ ...options, passwordFile: 'password' }, { cwd }),
      load(options, { cwd, env: { MOORING_KEYSTORE_PASSWORD: password } }),
      load(options, { cwd, typed: password }),
    ])
    expect(found.map((account) => account.address)).toEqual([address, address, address])
  })
})

describe('a key is not found, and never repeated', () => {
  test('nowhere: every way to give one is named', async () => {
    const error = await load({}).catch((thrown: Error) => thrown)
    expect(String(error)).toMatch(/--keystore FILE.*MOORING_PRIVATE_KEY.*--key-stdin/s)
  })

  test('a key of 63 digits', async () => {
    const bad = privateKey.slice(0, -1)
    const error = await load({}, { env: { MOORING_PRIVATE_KEY: bad } }).catch((e: Error) => e)
    expect(String(error)).toContain('MOORING_PRIVATE_KEY holds no private key')
    expect(String(error)).not.toContain(bad.slice(4))
  })

  test('a key that is zero', async () => {
    const zero = `0x${'0'.repeat(64)}`
    expect(load({}, { env: { MOORING_PRIVATE_KEY: zero } })).rejects.toThrow('no private key')
  })

  test('the wrong password, a file that is no keystore, no file, two places at once', async () => {
    using folder = openFolder()
    writeFileSync(join(folder.path, 'key.json'), keystore)
    writeFileSync(join(folder.path, 'other.json'), '{}')
    const cwd = folder.path
    const open = (name: string, more: AccountOptions = {}) =>
      load({ keystore: name, ...more }, { cwd, typed: 'wrong' })
    expect(open('key.json')).rejects.toThrow('password does not open')
    expect(open('other.json')).rejects.toThrow('no keystore of version 3')
    expect(open('none.json')).rejects.toThrow('There is no file')
    expect(open('key.json', { keyStdin: true })).rejects.toThrow('not both')
    expect(load({ keystore: 'key.json' }, { cwd })).rejects.toThrow('needs its password')
  })
})
