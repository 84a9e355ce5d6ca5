import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { holdDirectory } from '@mooring/settings/held-directory'
import { segmentName } from './meter/log/segments.ts'

const main = resolve(import.meta.dir, 'main.ts')
const folder = await mkdtemp(join(tmpdir(), 'mooring-main-'))
afterAll(() => rm(folder, { recursive: true }))

async function run(config: object, ...options: string[]) {
  const file = join(folder, 'gateway.yaml')
  const upstreams = [{ provider: 'a', name: 'b', url: 'http://127.0.0.1:1' }]
  await writeFile(file, JSON.stringify({ chains: { local_one: { upstreams } }, ...config }))
  const child = Bun.spawn(
    [process.execPath, '--no-install', main, '--config', 'gateway.yaml', ...options],
    { cwd: folder, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', timeout: 20_000 },
  )
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { exitCode: await child.exited, stdout, stderr }
}

test.each(['listen', 'admin'])(
  'a port of %p that is taken is named with its setting',
  async (group) => {
    const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
    try {
      const config = { listen: { port: 0 }, admin: { port: 0 }, [group]: { port: server.port } }
      const { exitCode, stderr } = await run({ ...config, logLevel: 'silent' })
      expect(stderr).toBe(
        `gateway.yaml: ${group}.port: port ${server.port} of 127.0.0.1 is taken by another program\n` +
          'Stop that program, or set another port.\n',
      )
      expect(exitCode).toBe(2)
    } finally {
      await server.stop(true)
    }
  },
)

test('it says how it is called', async () => {
  const child = Bun.spawn([process.execPath, '--no-install', main, '--help'])
  expect(await child.stdout.text()).toContain('gateway --config FILE')
  expect(await child.exited).toBe(0)
})

test('a check says what the gateway would listen on', async () => {
  const { exitCode, stdout } = await run({ admin: { host: '::1', port: 9001 } }, '--check')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    ports: [
      { setting: 'listen.port', host: '127.0.0.1', port: 8_545 },
      { setting: 'admin.port', host: '::1', port: 9_001 },
    ],
  })
})

const meter = {
  billing: { url: 'http://127.0.0.1:1', credential: 'billing-credential-of-32-characters' },
  instance: 'test',
}

test('a log that another process keeps, or that is damaged, is told in one sentence', async () => {
  const config = { listen: { port: 0 }, admin: { port: 0 }, logLevel: 'silent' }
  const directory = join(folder, 'meter')
  const release = holdDirectory(directory, 'meter.directory')
  const held = await run({ ...config, meter: { ...meter, directory } })
  release()
  expect(held.exitCode).toBe(2)
  expect(held.stderr).toContain(`is used by process ${process.pid} on `)
  await writeFile(join(directory, segmentName(1, 1)), 'nothing of ours\n')
  const damaged = await run({ ...config, meter: { ...meter, directory } })
  expect(damaged.exitCode).toBe(2)
  expect(damaged.stderr).toContain('move it to another directory to go on without it')
})
