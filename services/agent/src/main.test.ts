import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadSettings } from '@mooring/settings/load'
import { configSchema } from './config.ts'

const program = join(import.meta.dir, 'main.ts')
const example = resolve(import.meta.dir, '../../../docs/agent.example.yaml')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mooring-agent-main-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the example in the documentation is one', async () => {
  const environment = { NODE_KEY_PASSWORD: 'x', NODE_URL: 'http://127.0.0.1:8545' }
  expect(await loadSettings(configSchema, example, environment)).toMatchObject({ ok: true })
})

test('a check names everything that is wrong with what a configuration names', () => {
  const file = join(folder, 'agent.yaml')
  writeFileSync(join(folder, 'key.json'), '{}')
  writeFileSync(
    file,
    `nodeId: "7"
key: { file: ${join(folder, 'key.json')}, password: secret-word }
deployment: ${join(folder, 'none.json')}
rpc: http://127.0.0.1:1
directory: ${folder}
chains:
  no_such: { url: http://127.0.0.1:1 }
`,
  )
  const command = [process.execPath, '--no-install', program, '--check', '--config', file]
  const { exitCode, stdout, stderr } = Bun.spawnSync(command)
  const { problems } = JSON.parse(stdout.toString())
  expect(exitCode).toBe(2)
  expect(problems.map(({ path }: { path: string }) => path)).toEqual([
    ...['key.file', 'deployment', 'chains.no_such'],
  ])
  expect(JSON.stringify(problems)).toContain('no keystore of version 3')
  expect(stdout.toString() + stderr.toString()).not.toContain('secret-word')
})
