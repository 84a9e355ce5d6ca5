import { expect, test } from 'bun:test'
import { chainDefinitions } from '@mooring/chains/definitions'
import { nearNames } from '../chain-names.ts'
import { runCommand } from '../context.fixtures.ts'

test('main networks are listed; test networks when asked for', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['chains'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^eth +Ethereum +1 +12 s +finalized tag/m)
  expect(stdout).not.toContain('eth_sepolia')
  const hidden = [...chainDefinitions.values()].filter(({ testnet }) => testnet).length
  expect(stderr).toContain(`${hidden} test networks and local chains are known too`)
  expect(stderr).toContain('npx mooring chains --testnets')
  const all = await runCommand(['chains', '--testnets'])
  expect(all.stdout).toContain('eth_sepolia')
  expect(all.stderr).toBe('')
})

test('--json prints one object with every definition', async () => {
  const { stdout } = await runCommand(['chains', '--testnets', '--json'])
  expect(JSON.parse(stdout)).toEqual({ chains: [...chainDefinitions.values()] })
})

test('a name shows all that is known about the chain', async () => {
  const eth = chainDefinitions.get('eth')
  expect(JSON.parse((await runCommand(['chains', 'eth', '--json'])).stdout)).toEqual(eth)
  const { stdout } = await runCommand(['chains', 'eth'])
  expect(stdout).toContain('chain id      1 (0x1)\n')
})

test('a wrong name is bad input, and near ones are suggested', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['chains', 'polygno'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('No chain is called "polygno". Did you mean polygon')
})

test('slips, beginnings and titles find a name; noise finds none', () => {
  const definitions = [...chainDefinitions.values()]
  expect(nearNames('Ethereum', definitions)[0]).toBe('eth')
  expect(nearNames('arb', definitions)[0]).toBe('arbitrum')
  expect(nearNames('bcs', definitions)[0]).toBe('bsc')
  expect(nearNames('completely-else', definitions)).toEqual([])
})
