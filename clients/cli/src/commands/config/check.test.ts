import { expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder, runCommand } from '../../context.fixtures.ts'

/** A clone whose gateway answers `--check` with this. */
function clonePrinting(folder: string, text: string, exitCode: number): string {
  const source = join(folder, 'services/gateway/src')
  mkdirSync(source, { recursive: true })
  writeFileSync(
    join(source, 'main.ts'),
    `process.stderr.write(process.argv.slice(2).join(' '))
     process.stdout.write(${JSON.stringify(text)})
     process.exit(${exitCode})`,
  )
  return folder
}

test('a valid file is summed up', async () => {
  using folder = openFolder()
  const report = { ok: true, problems: [], chains: [{ chain: 'eth', upstreams: 2 }] }
  const repository = clonePrinting(folder.path, JSON.stringify(report), 0)
  expect(await runCommand(['config', 'check', 'my.yaml'], { repository })).toEqual({
    exitCode: 0,
    stdout: 'my.yaml is valid. Upstreams by chain: eth (2)\n',
    stderr: '--check --config my.yaml',
  })
})

test('every problem is a line that an editor can jump to; exit code 2', async () => {
  using folder = openFolder()
  const report = {
    ok: false,
    problems: [
      { path: 'chains.eth.upstreams[0].url', line: 12, message: 'an http:// or https:// URL' },
      { path: '', line: null, message: 'the file cannot be read' },
    ],
    chains: [],
  }
  const repository = clonePrinting(folder.path, JSON.stringify(report), 2)
  const ran = await runCommand(['config', 'check', 'my.yaml'], { repository })
  expect(ran.exitCode).toBe(2)
  expect(ran.stdout).toBe(
    'my.yaml:12 chains.eth.upstreams[0].url: an http:// or https:// URL\n' +
      'my.yaml: the file cannot be read\n',
  )
  const json = await runCommand(['config', 'check', 'my.yaml', '--json'], { repository })
  expect(json.exitCode).toBe(2)
  expect(JSON.parse(json.stdout)).toEqual(report)
})

test('a gateway that breaks instead of reporting is exit code 1', async () => {
  using folder = openFolder()
  const repository = clonePrinting(folder.path, 'oops', 70)
  const ran = await runCommand(['config', 'check', 'my.yaml'], { repository })
  expect(ran.exitCode).toBe(1)
  expect(ran.stderr).toContain('could not check my.yaml (exit code 70)')
})

test.each([
  [['up'], 'mooring up'],
  [['gateway', '--config', 'x'], 'mooring gateway'],
  [['config', 'check', 'x'], 'mooring config check'],
])('outside a clone %p says what it needs', async (args, command) => {
  const ran = await runCommand(args)
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toContain(`\`${command}\` needs a whole clone of Mooring`)
})
