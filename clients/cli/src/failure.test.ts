import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { deadUrl, openFolder, runCommand } from './context.fixtures.ts'
import { failureOf, wantsJson } from './failure.ts'

/** A person without anything, and a gateway that is dead. */
async function worldIn(home: string) {
  const dead = await deadUrl()
  return { cwd: home, env: { MOORING_HOME: home, MOORING_GATEWAY: dead, MOORING_ADMIN: dead } }
}

describe('under --json a failure is one JSON object on stdout:', () => {
  test.each<[string[], number, string]>([
    [['keys', 'show', 'none', '--json'], 2, 'There is no key none'],
    [['token', 'show', 'none', '--json'], 2, 'There is no key none'],
    [['deposit', '1000', '--key', 'none', '--json'], 2, 'There is no key none'],
    [['account', '--json', '--accounts', 'http://127.0.0.1:1'], 2, 'You are not signed in'],
    [['escrow', 'show', '0x12', '--json'], 2, 'Nobody said which chain'],
    [['chains', '--teapot', '--json'], 2, "unknown option '--teapot'"],
    [['chains', 'nowhere', '--json'], 2, 'nowhere'],
    [['deposit', '1', '--json'], 2, "required option '--key <name>' not specified"],
    [['keys', '--json'], 2, "unknown option '--json'"],
    [['call', 'eth', 'eth_blockNumber', '--json'], 3, 'No gateway answers'],
    [['upstreams', '--json'], 3, "No gateway's admin port answers"],
  ])('%p', async (args, code, says) => {
    using folder = openFolder()
    const { exitCode, stdout, stderr } = await runCommand(args, await worldIn(folder.path))
    const { error, ...rest } = JSON.parse(stdout)
    expect(error).toContain(says)
    expect(stderr).toContain(says)
    expect({ exitCode, rest }).toEqual({ exitCode: code, rest: {} })
  })

  test('and no second one where the command has answered', async () => {
    using folder = openFolder()
    const file = join(folder.path, 'gateway.yaml')
    await Bun.write(file, 'teapot: 1\n')
    const args = ['config', 'check', file, '--json']
    const { exitCode, stdout } = await runCommand(args, {
      ...(await worldIn(folder.path)),
      repository: join(import.meta.dir, '../../..'),
    })
    expect([exitCode, JSON.parse(stdout).ok]).toEqual([2, false])
  })
})

test('an unexpected failure is told without addresses, which may hold a key', async () => {
  const { exitCode, said, reason } = await failureOf(new TypeError('no https://a.example/secret'))
  expect(exitCode).toBe(1)
  expect(said).toContain('TypeError: no https://…')
  expect(said + reason).not.toContain('secret')
  expect(reason).toBe('Something unexpected happened in mooring itself: see stderr.')
})

test('without --json stdout stays empty', async () => {
  using folder = openFolder()
  const world = await worldIn(folder.path)
  const plain = await runCommand(['keys', 'show', 'none'], world)
  const named = await runCommand(['keys', 'show', '--', '--json'], world)
  expect([plain, named].map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
    [2, ''],
    [2, ''],
  ])
})

test.each([
  [['chains', '--json'], true],
  [['chains'], false],
  [['keys', 'new', '--', '--json'], false],
  [['keys', 'new', '--json', '--', 'x'], true],
])('%p asks for JSON: %p', (args, isAsked) => {
  expect(wantsJson(args)).toBe(isAsked)
})
