import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { deadUrl, openFolder, runCommand, serveJson, serveRpc } from '../context.fixtures.ts'
import { networkFileOf } from '../locations.ts'
import { findRepository } from '../repository.ts'
import type { Prompter, Question } from '../setup/prompter.ts'

/** A node of the chain with that id: archive when it has the state of block 1. */
function serveNode(chainId: number, { isArchive = true } = {}) {
  const pruned = { error: { code: -32000, message: 'missing trie node' } }
  return serveRpc((method) => {
    if (method === 'eth_chainId') return `0x${chainId.toString(16)}`
    if (method === 'eth_blockNumber') return '0x1406f40'
    return isArchive ? '0x1fffffffffffffffffffff' : pruned
  })
}

/** A person who gives these answers, one a question; what is invalid is asked again. */
function scripted(answers: (string | boolean)[]): Prompter & { said: string[] } {
  const said: string[] = []
  const next = () => {
    const answer = answers.shift()
    if (answer === undefined) throw new Error('more was asked than expected')
    return answer
  }
  const ask = async (question: Question): Promise<string> => {
    const answer = String(next())
    const problem = question.problemOf?.(answer)
    if (problem === undefined) return answer === 'default' ? (question.initial ?? '') : answer
    said.push(problem)
    return ask(question)
  }
  return {
    said,
    ask,
    askSecret: async () => String(next()),
    confirm: async () => next() === true,
    during: (_, work) => work,
    say: (message) => void said.push(message),
  }
}

describe('without questions', () => {
  test('upstreams that are well become a configuration that explains itself', async () => {
    using folder = openFolder()
    await using archive = serveNode(1)
    await using full = serveNode(1, { isArchive: false })
    await using other = serveNode(56)
    const args = ['init', '--upstream', `acme@${archive.url}`, '--upstream', `eth=${full.url}`]
    args.push('--upstream', `${other.url}/key`, '--out', 'my.yaml')
    const { exitCode, stdout, stderr } = await runCommand(args, { cwd: folder.path })

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'my.yaml\n' })
    expect(stderr).toContain(`ok   ${new URL(archive.url).host}: eth, acme, head 21000000, `)
    expect(stderr).toEndWith('Next: npx mooring gateway --config my.yaml\n')
    const text = readFileSync(join(folder.path, 'my.yaml'), 'utf8')
    expect(parse(text)).toEqual({
      listen: { host: '127.0.0.1', port: 8545 },
      admin: { host: '127.0.0.1', port: 8546 },
      tiers: {
        community: {
          requestsPerSecond: 30,
          burstRequests: 60,
          batchMax: 10,
          logsRangeBlocksMax: 1_000,
        },
      },
      chains: {
        eth: {
          upstreams: [
            { provider: 'acme', name: 'node-1', url: archive.url, type: 'archive' },
            { provider: 'own', name: 'node-1', url: full.url, type: 'full' },
          ],
        },
        bsc: {
          upstreams: [
            { provider: 'own', name: 'node-1', url: `${other.url}/key`, type: 'archive' },
          ],
        },
      },
    })
    const masked = text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    expect(masked).toMatchSnapshot()
  })

  test('a port that is taken now is told, with the local network that holds it', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const init = ['init', '--force', '--upstream', node.url]
    const world = {
      cwd: folder.path,
      isPortFree: async (host: string, port: number) => host !== '127.0.0.1' || port !== 8_545,
    }
    const ran = await runCommand(init, world)
    expect(ran).toMatchObject({ exitCode: 0, stdout: 'gateway.yaml\n' })
    expect(ran.stderr).toContain(
      'gateway.yaml: listen.port 8545: taken by a running program. Stop it, or set another port.\nNext: ',
    )
    mkdirSync(join(folder.path, '.mooring'))
    const network = { gateway: 'http://127.0.0.1:8545', pid: process.pid }
    writeFileSync(networkFileOf(folder.path), JSON.stringify(network))
    expect((await runCommand(init, world)).stderr).toContain(
      `taken by a running program. The local network (process ${process.pid}) holds port 8545: stop it`,
    )
  })

  test('git leaves out of the clone what is written there', () => {
    const cwd = findRepository(import.meta.dirname) ?? ''
    // Without git, or in a source archive, nothing could be committed.
    if (!Bun.which('git') || !existsSync(join(cwd, '.git'))) return
    const files = ['gateway.yaml', 'clients/gateway.yaml', 'bsc.yaml', '.mooring/gateway.yaml']
    const { stdout } = Bun.spawnSync(['git', 'check-ignore', ...files], { cwd })
    expect(stdout.toString().trim().split('\n')).toEqual(files)
  })

  test('the gateway takes the file as it is', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const world = { cwd: folder.path, repository: findRepository(import.meta.dirname) }
    await runCommand(['init', '--upstream', node.url], world)
    expect(await runCommand(['config', 'check', 'gateway.yaml'], world)).toEqual({
      exitCode: 0,
      stdout: 'gateway.yaml is valid. Upstreams by chain: eth (1)\n',
      stderr: '',
    })
  })

  test('a variable in a URL is looked up for the look, and stands in the file as it was', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const url = `${node.url}/\${NODE_KEY}`
    const world = { cwd: folder.path, env: { NODE_KEY: 'secret' } }
    const ran = await runCommand(['init', '--json', '--upstream', url], world)
    expect(ran.exitCode).toBe(0)
    expect(node.requests[0]?.path).toBe('/secret')
    expect(ran.stdout + ran.stderr).not.toContain('secret')
    expect(JSON.parse(ran.stdout).upstreams[0]).toMatchObject({ chain: 'eth', name: 'node-1' })
    expect(ran.stdout).toMatch(/"latencyMs": \d+(\.\d)?\n/)
    const file = join(folder.path, 'gateway.yaml')
    expect(readFileSync(file, 'utf8')).toContain(url)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const unset = await runCommand(['init', '--force', '--upstream', url], { cwd: folder.path })
    expect(unset.exitCode).toBe(2)
    expect(unset.stderr).toContain('The variable NODE_KEY')
  })

  test('one bad upstream is named, and nothing is written', async () => {
    using folder = openFolder()
    await using good = serveNode(1)
    await using wrong = serveNode(56)
    await using unknown = serveNode(987_654_321)
    await using page = serveJson({})
    const dead = await deadUrl()
    const run = (...urls: string[]) =>
      runCommand(['init', ...urls.flatMap((url) => ['--upstream', url])], { cwd: folder.path })

    const wrongChain = await run(good.url, `eth=${wrong.url}`)
    expect(wrongChain.exitCode).toBe(2)
    expect(wrongChain.stderr).toContain('serves chain id 56 (bsc), but eth is 1')
    expect(wrongChain.stderr).toContain('Nothing was written: 1 of 2 upstreams did not pass.')
    const stranger = await run(unknown.url)
    expect(stranger.stderr).toContain('987654321, which Mooring does not know: describe the chain')
    expect(stranger.stderr).toContain('docs/gateway.example.yaml')
    const unreachable = await run(good.url, dead)
    expect(unreachable.exitCode).toBe(3)
    expect(unreachable.stderr).toContain(`bad  ${new URL(dead).host}: connection refused`)
    expect((await run(page.url)).stderr).toContain('HTTP 404, but not with JSON-RPC')
    expect(existsSync(join(folder.path, 'gateway.yaml'))).toBe(false)
  })

  test('a file that exists is only overwritten with --force', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const file = join(folder.path, 'gateway.yaml')
    writeFileSync(file, 'mine')
    const args = ['init', '--yes', '--upstream', node.url]
    const refused = await runCommand(args, { cwd: folder.path })
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('--force')
    expect(node.requests).toHaveLength(0)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await runCommand([...args, '--force'], { cwd: folder.path })).exitCode).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('chains:')
  })

  test.each([
    ['', '--out needs the name of a file'],
    ['nowhere/x.yaml', 'nowhere/x.yaml cannot be written: there is no folder'],
    ['.', '. is a folder: name a file in it, as --out gateway.yaml'],
    ['file/x.yaml', 'file/x.yaml cannot be written: there is no folder'],
    [`${'x'.repeat(300)}.yaml`, 'cannot be written: the name is too long'],
  ])('a file that cannot be written, %p, is one sentence and exit code 2', async (out, why) => {
    using folder = openFolder()
    await using node = serveNode(1)
    writeFileSync(join(folder.path, 'file'), '')
    const args = ['init', '--force', '--upstream', node.url, '--out', out]
    const ran = await runCommand(args, { cwd: folder.path })
    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain(why)
    expect(ran.stderr).not.toContain('    at ')
  })

  test.each([
    [[], '--upstream [CHAIN=][PROVIDER@]URL is missing'],
    [['--upstream', 'ftp://x'], 'is not an upstream: write [CHAIN=][PROVIDER@]URL'],
    [['--upstream', 'Acme Inc@http://x'], 'lower case letters, digits, - and _'],
    [['--upstream', 'etj=http://x'], 'No chain is called "etj". Did you mean eth'],
    [['--upstream', 'http://x', '--chain', 'etj'], 'No chain is called "etj"'],
    [['--upstream', 'http://x', '--upstream', 'eth=http://x'], 'x is given twice'],
  ])('bad input %p is refused before anyone is asked', async (args, explanation) => {
    using folder = openFolder()
    const ran = await runCommand(['init', ...args], {
      cwd: folder.path,
      fetch: () => Promise.reject(new Error('someone was asked')),
    })
    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain(explanation)
  })
})

describe('with questions', () => {
  test('nodes are asked for one by one; one that fails is left out', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const dead = await deadUrl()
    const prompter = scripted(['', 'nonsense', dead, 'default', node.url, 'acme', '', true])
    const ran = await runCommand(['init'], { cwd: folder.path, prompter })
    expect(ran.exitCode).toBe(0)
    expect(prompter.said.slice(0, 2)).toEqual([
      'At least one is needed.',
      'an http:// or https:// URL',
    ])
    expect(prompter.said).toContain(`${new URL(dead).host}: connection refused`)
    expect(parse(readFileSync(join(folder.path, 'gateway.yaml'), 'utf8')).chains).toEqual({
      eth: {
        upstreams: [{ provider: 'acme', name: 'node-1', url: node.url, type: 'archive' }],
      },
    })
  })

  test('a no at the end, or before an overwrite, writes nothing', async () => {
    using folder = openFolder()
    await using node = serveNode(1)
    const world = (...answers: (string | boolean)[]) => ({
      cwd: folder.path,
      prompter: scripted(answers),
    })
    const file = join(folder.path, 'gateway.yaml')
    const last = await runCommand(['init', '--upstream', node.url], world(false))
    expect({ ...last, stderr: '' }).toEqual({ exitCode: 1, stdout: '', stderr: '' })
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, 'mine')
    const first = await runCommand(['init'], world(false))
    expect(first).toEqual({ exitCode: 1, stdout: '', stderr: 'Nothing was written.\n' })
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })
})
