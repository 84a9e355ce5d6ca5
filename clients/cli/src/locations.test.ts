import { describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deadUrl, openFolder, runCommand, serveJson } from './context.fixtures.ts'
import { networkFileOf } from './locations.ts'

const report = (chain: string) => ({
  '/v1/upstreams': { chains: [{ chain, title: chain, chainId: 1, headBlock: 1, upstreams: [] }] },
})

describe('where the gateway is', () => {
  test('a flag wins over the environment, which wins over a running local network', async () => {
    using folder = openFolder()
    await using flag = serveJson(report('by_flag'))
    await using environment = serveJson(report('by_environment'))
    await using network = serveJson(report('by_network'))
    const nested = join(folder.path, 'a/b')
    mkdirSync(nested, { recursive: true })
    mkdirSync(join(folder.path, '.mooring'))
    writeFileSync(networkFileOf(folder.path), JSON.stringify({ admin: `${network.url}/` }))
    const env = { MOORING_ADMIN: environment.url }
    const chainOf = async (args: string[], world: object) => {
      const { stdout } = await runCommand(['upstreams', '--json', ...args], world)
      return JSON.parse(stdout).chains[0].chain
    }

    expect(await chainOf(['--admin', flag.url], { env, cwd: nested })).toBe('by_flag')
    expect(await chainOf([], { env, cwd: nested })).toBe('by_environment')
    expect(await chainOf([], { cwd: nested })).toBe('by_network')
    expect(await chainOf([], { repository: folder.path })).toBe('by_network')
  })

  test('a network file without the URL is bad input that names the file', async () => {
    using folder = openFolder()
    mkdirSync(join(folder.path, '.mooring'))
    writeFileSync(networkFileOf(folder.path), '{ broken')
    const { exitCode, stderr } = await runCommand(['upstreams'], { cwd: folder.path })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(networkFileOf(folder.path))
  })

  test('what is no URL is bad input', async () => {
    const { exitCode, stderr } = await runCommand(['upstreams', '--admin', 'localhost:8546'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--admin: "localhost:8546" is not an http:// or https:// URL')
  })

  test('where nothing answers, the message names the URL, its origin and how to start one', async () => {
    const url = await deadUrl()
    const { exitCode, stdout, stderr } = await runCommand(['upstreams'], {
      env: { MOORING_ADMIN: url },
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain(`${url} (from MOORING_ADMIN): connection refused`)
    expect(stderr).toContain('mooring up')
  })
})
