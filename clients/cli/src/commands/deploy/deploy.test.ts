import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import { deadUrl, openFolder, runCommand } from '../../context.fixtures.ts'

const example = resolve(import.meta.dir, '../../../../../docs/deploy.example.yaml')
/** The example with a token and a stablecoin of its own, since a new chain has none. */
const settings = readFileSync(example, 'utf8')
  .replace(/^ankr: .*$/m, `ankr: { holder: "${anvilAccount.address}", supply: "10000000000" }`)
  .replace(/^stable: .*$/m, `stable: { holder: "${anvilAccount.address}" }`)

let anvil: Anvil
let folder: ReturnType<typeof openFolder>
beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  folder = openFolder()
  writeFileSync(join(folder.path, 'settings.yaml'), settings)
})
afterAll(async () => {
  folder[Symbol.dispose]()
  await anvil.stop()
})

const deploy = (...args: string[]) =>
  runCommand(['deploy', 'settings.yaml', '--yes', ...args], {
    cwd: folder.path,
    env: { MOORING_RPC_URL: anvil.url, MOORING_PRIVATE_KEY: anvilAccount.privateKey },
  })
const check = (file: string) =>
  runCommand(['economy', 'check', '--deployment', file], {
    cwd: folder.path,
    env: { MOORING_RPC_URL: anvil.url },
  })

describe('the contracts are deployed from the example in the documents', () => {
  test('a dry run tells addresses and cost and sends nothing', async () => {
    const { exitCode, stderr } = await deploy('--dry-run')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/cost +about 0\.\d+ of the native token \(\d{8} gas\)/)
    expect(stderr).toMatch(/stableEscrow +0x/)
    expect(stderr).toMatch(/verifiers +2 of 3: 0x/)
    expect(stderr).toMatch(/ANKR +a new one: 10,000,000,000 ANKR for 0x/)
    expect(await anvil.headBlock()).toBe(0)
  })

  test('the addresses are written down, and the deployment checks out', async () => {
    const { exitCode, stdout, stderr } = await deploy()
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining('hand-over'),
    })
    const file = join(folder.path, 'deployments/31337.json')
    expect(stdout).toBe(`${file}\n`)
    expect(JSON.parse(readFileSync(file, 'utf8')).chainId).toBe(31_337)
    const checked = await check(file)
    expect(checked.stdout).toContain(`${anvilAccount.address}, which deployed them, can do nothing`)
  })

  test('a second deployment does not overwrite the first', async () => {
    const again = await deploy()
    expect(again.exitCode).toBe(2)
    expect(again.stderr).toContain('exists and says where other contracts are')
    expect((await deploy('--out', 'other.json')).exitCode).toBe(0)
    expect(existsSync(join(folder.path, 'other.json'))).toBe(true)
  })

  test('a deployment that names another guardian than was given is not as it should be', async () => {
    const text = readFileSync(join(folder.path, 'other.json'), 'utf8')
    const guardian = JSON.parse(text).guardian
    writeFileSync(join(folder.path, 'wrong.json'), text.replace(guardian, anvilAccount.address))
    const { exitCode, stderr } = await check('wrong.json')
    expect(exitCode).toBe(5)
    expect(stderr).toContain('not as it was handed over: bootstrap wrong holder')
  })

  test('contracts of another chain with the same number are told from these', async () => {
    await using other = await startAnvil({ chainId: 31_337 })
    const { exitCode, stderr } = await runCommand(
      ['economy', 'show', '--deployment', 'other.json', '--rpc', other.url],
      { cwd: folder.path },
    )
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('contracts that are not on the chain'),
    })
  })
})

describe('a deployment that does not come to its end', () => {
  test('with a parameter outside its bounds is refused before anything is sent', async () => {
    const text = settings.replace('EpochSeconds: "604800"', 'EpochSeconds: "5"')
    writeFileSync(join(folder.path, 'bad.yaml'), text)
    const before = await anvil.headBlock()
    const { exitCode, stderr } = await runCommand(
      ['deploy', 'bad.yaml', '--out', 'bad.json', '--yes'],
      {
        cwd: folder.path,
        env: { MOORING_RPC_URL: anvil.url, MOORING_PRIVATE_KEY: anvilAccount.privateKey },
      },
    )
    expect(exitCode).toBe(5)
    expect(stderr).toContain('param store out of bounds: param EpochSeconds, value 5, min 3600')
    expect(await anvil.headBlock()).toBe(before)
  })

  test('because somebody stopped it leaves no file, and says what stands', async () => {
    const stop = new AbortController()
    await anvil.ask('evm_setAutomine', [false])
    try {
      setTimeout(() => stop.abort(), 1_000)
      const { exitCode, stderr } = await runCommand(
        ['deploy', 'settings.yaml', '--out', 'stopped.json', '--yes'],
        {
          cwd: folder.path,
          env: { MOORING_RPC_URL: anvil.url, MOORING_PRIVATE_KEY: anvilAccount.privateKey },
          interruption: () => stop.signal,
        },
      )
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining('begin anew'),
      })
      expect(existsSync(join(folder.path, 'stopped.json'))).toBe(false)
    } finally {
      await anvil.ask('evm_setAutomine', [true])
      await anvil.mine(1)
    }
  })
})

describe('what cannot be deployed is told before anything is sent', () => {
  test.each([
    [
      'threshold: 2',
      'threshold: 4',
      'signers.verifier has a threshold above the number of its members',
    ],
    ['"0.03"', '0.03', 'initialUsdPerAnkr'],
    ['EpochSeconds', 'EpochSecond', 'EpochSecond'],
    [
      'guardian:',
      'gardian:',
      'guardian is missing; the file has gardian, which means nothing here',
    ],
    [
      'grants: "0x00000000000000000000000000000000000a0006"',
      'grants: 0x00000000000000000000000000000000000a0006',
      'recipients.grants is no text: put it in quotes',
    ],
    ['0x00000000000000000000000000000000000a0004', '0x00', 'guardian is no address'],
  ])('%p written as %p', async (from, to, says) => {
    writeFileSync(join(folder.path, 'bad.yaml'), settings.replace(from, to))
    const { exitCode, stderr } = await runCommand(['deploy', 'bad.yaml', '--rpc', anvil.url], {
      cwd: folder.path,
    })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(says)
  })

  test('a token that is not there, or is divided otherwise than was said', async () => {
    const text = readFileSync(join(folder.path, 'deployments/31337.json'), 'utf8')
    const { ankr, stable } = JSON.parse(text).parts
    const bad = async (line: string) => {
      writeFileSync(join(folder.path, 'bad.yaml'), settings.replace(/^stable: .*$/m, line))
      return runCommand(['deploy', 'bad.yaml', '--rpc', anvil.url, '--out', 'bad.json'], {
        cwd: folder.path,
        env: { MOORING_PRIVATE_KEY: anvilAccount.privateKey },
      })
    }
    const wrong = await bad(`stable: { address: "${stable}", decimals: 18 }`)
    expect(wrong.stderr).toContain('named as stable, has 6 decimals, not 18')
    const none = await bad(
      `stable: { address: "${ankr.slice(0, -2)}00", decimals: 6 }`.toLowerCase(),
    )
    expect(none.stderr).toContain('There is no token at')
  })

  test('a place that cannot be written', async () => {
    const { exitCode, stderr } = await deploy('--out', 'settings.yaml/x.json')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('cannot be written'),
    })
  })

  test('no chain, no file, no key', async () => {
    const cwd = folder.path
    const dead = await runCommand(['deploy', 'settings.yaml', '--rpc', await deadUrl()], { cwd })
    expect(dead.exitCode).toBe(3)
    const none = await runCommand(['deploy', 'none.yaml', '--rpc', anvil.url], { cwd })
    expect(none.stderr).toContain('There is no file')
    const args = ['deploy', 'settings.yaml', '--rpc', anvil.url, '--out', 'new.json']
    const keyless = await runCommand(args, { cwd })
    expect(keyless.stderr).toContain('with which key to sign')
  })
})
