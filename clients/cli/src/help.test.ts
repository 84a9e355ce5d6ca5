import { expect, test } from 'bun:test'
import { runCommand } from './context.fixtures.ts'
import { cliReference } from './reference.ts'

test('the help of every command is what it was', async () => {
  expect(await cliReference()).toMatchSnapshot()
})

test('every help begins with examples and says where the answer is asked for', async () => {
  const [, ...commands] = (await cliReference()).split('\n## ')
  expect(commands.length).toBe(113)
  for (const command of commands)
    expect(command).toMatch(/^mooring[^\n]*\n\n```text\nExamples:\n {2}\$ npx mooring/)
})

test('help is an answer: on stdout, exit code 0', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['call', '--help'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toStartWith('Examples:\n  $ npx mooring call eth eth_blockNumber\n')
})

test.each([
  [['help'], 'Usage: mooring [options]'],
  [['help', 'call'], 'Usage: mooring call'],
  [['help', 'config', 'check'], 'Usage: mooring config check'],
])('%p prints what --help does', async (args, usage) => {
  const { exitCode, stdout, stderr } = await runCommand(args)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toContain(usage)
  expect(stdout).toBe((await runCommand([...args.slice(1), '--help'])).stdout)
})

test.each([
  [[], 'Usage: mooring'],
  [['config'], 'Usage: mooring config'],
  [['chainz'], 'Did you mean chains?'],
  [['chains', '--teapot'], "unknown option '--teapot'"],
  [['call', 'eth'], "missing required argument 'method'"],
  [['gateway'], "required option '--config <file>' not specified"],
  [['up', '--gateway-port', '99999'], 'A port is a number from 1 to 65535.'],
  [['up', '--admin-port', '0'], 'A port is a number from 1 to 65535.'],
  [['help', 'cal'], 'There is no command "cal"'],
])('wrong usage %p is explained on stderr with exit code 2', async (args, explanation) => {
  const { exitCode, stdout, stderr } = await runCommand(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(explanation)
})

test.each([
  [['frob'], 'Usage: mooring [options] [command]\nMore with `npx mooring --help`.\n'],
  [
    ['call', 'local_one'],
    'Usage: mooring call [options] <chain> <method> [params...]\nMore with `npx mooring call --help`.\n',
  ],
  [
    ['gateway', 'gateway.yaml'],
    'Usage: mooring gateway --config <file>\nMore with `npx mooring gateway --help`.\n',
  ],
  [
    ['config', 'check'],
    'Usage: mooring config check [options] <file>\nMore with `npx mooring config check --help`.\n',
  ],
])('wrong usage %p ends in the usage and where more is said', async (args, wayOn) => {
  expect((await runCommand(args)).stderr).toEndWith(wayOn)
})
