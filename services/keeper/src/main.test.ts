import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadSettings } from '@mooring/settings/load'
import { configSchema } from './config.ts'

const program = join(import.meta.dir, 'main.ts')
const example = resolve(import.meta.dir, '../../../docs/keeper.example.yaml')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-keeper-main-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the example in the documentation is one', async () => {
  const environment = { KEEPER_KEY_PASSWORD: 'x', RPC_URL: 'http://127.0.0.1:8545' }
  const loaded = await loadSettings(configSchema, example, environment)
  expect(loaded).toMatchObject({
    ok: true,
    settings: { costWeiMax: 5n * 10n ** 16n, ankrMin: 100n * 10n ** 18n },
  })
})

test('a check names everything that is wrong with what a configuration names', () => {
  const file = join(folder, 'keeper.yaml')
  writeFileSync(join(folder, 'key.json'), '{}')
  writeFileSync(
    file,
    `key: { file: ${join(folder, 'key.json')}, password: secret-word }
deployment: ${join(folder, 'none.json')}
rpcUrl: http://127.0.0.1:1
billingUrl: http://127.0.0.1:1
verifiers: [http://127.0.0.1:1]
`,
  )
  const command = [process.execPath, '--no-install', program, '--check', '--config', file]
  const { exitCode, stdout, stderr } = Bun.spawnSync(command)
  const { problems } = JSON.parse(stdout.toString())
  expect(exitCode).toBe(2)
  expect(problems.map(({ path }: { path: string }) => path)).toEqual(['key.file', 'deployment'])
  expect(JSON.stringify(problems)).toContain('no keystore of version 3')
  expect(stdout.toString() + stderr.toString()).not.toContain('secret-word')
})

test.each([
  ['costWeiMax', '"1.5"', 'wei, as a whole number'],
  ['ankrMin', '"0"', 'more than none'],
  ['verifiers', '[]', 'at least one'],
])('%s cannot be %s', async (name, value, says) => {
  const file = join(folder, 'keeper.yaml')
  const all: Record<string, string> = {
    ...{ key: '{ file: key.json, password: x }', deployment: 'none.json' },
    ...{ rpcUrl: 'http://127.0.0.1:1', billingUrl: 'http://127.0.0.1:1' },
    ...{ verifiers: '[http://127.0.0.1:1]', [name]: value },
  }
  const lines = Object.entries(all).map(([member, text]) => `${member}: ${text}\n`)
  writeFileSync(file, lines.join(''))
  const loaded = await loadSettings(configSchema, file, {})
  expect(JSON.stringify(loaded)).toContain(says)
})
