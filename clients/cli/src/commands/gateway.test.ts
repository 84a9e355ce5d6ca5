import { expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openFolder, runCommand } from '../context.fixtures.ts'
import { networkFileOf } from '../locations.ts'

/** A clone whose gateway is refused its port 8545, beside what a local network says of itself. */
function cloneWith(folder: string, network: object): string {
  const main = join(folder, 'services/gateway/src/main.ts')
  mkdirSync(dirname(main), { recursive: true })
  writeFileSync(
    main,
    `const ports = [{ setting: 'listen.port', host: '127.0.0.1', port: 8545 }]
     if (!process.argv.includes('--check')) process.exit(2)
     process.stdout.write(JSON.stringify({ ok: true, problems: [], chains: [], ports }))`,
  )
  mkdirSync(join(folder, '.mooring'))
  writeFileSync(networkFileOf(folder), JSON.stringify(network))
  return folder
}

const urls = {
  gateway: 'http://127.0.0.1:8545',
  admin: 'http://127.0.0.1:8546',
  networkAdmin: 'http://127.0.0.1:8547',
}
const noProcess = 2 ** 30

test.each([
  ['that holds the port', { ...urls, pid: process.pid }, true],
  ['at other ports', { ...urls, gateway: 'http://127.0.0.1:9545', pid: process.pid }, false],
  ['that was killed', { ...urls, pid: noProcess }, false],
])('where a port is taken, a local network %s is told or not', async (_, network, isTold) => {
  using folder = openFolder()
  const repository = cloneWith(folder.path, network)
  const ran = await runCommand(['gateway', '--config', 'x.yaml'], { repository, cwd: folder.path })
  expect({ ...ran, stderr: '' }).toEqual({ exitCode: 2, stdout: '', stderr: '' })
  const wayOn = `The local network (process ${process.pid}) holds port 8545: stop it with Ctrl-C where it runs, or with \`kill ${process.pid}\`.\n`
  expect(ran.stderr).toBe(isTold ? wayOn : '')
})
