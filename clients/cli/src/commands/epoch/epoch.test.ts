import { beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, hashOf, keccak } from '@mooring/market/settlement/epoch.fixtures'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { createEpochFile, encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import { parseInclusionFile, rootsOfInclusions } from '@mooring/market/settlement/inclusion-file'
import { signedInputs } from '@mooring/onchain/epoch.fixtures'
import { openKeccak } from '@mooring/onchain/keccak'
import { deadUrl, openFolder, runCommand } from '../../context.fixtures.ts'

let file: EpochFile
let text: string

beforeAll(async () => {
  file = createEpochFile(await signedInputs(), keccak)
  text = encodeEpochFile(file)
})

/** Runs a command on a file of the given text. */
async function run(args: readonly string[], given: string) {
  using folder = openFolder()
  writeFileSync(join(folder.path, 'epoch.json'), given)
  return await runCommand(['epoch', ...args], { cwd: folder.path })
}

const verify = async (given: string) => {
  const { exitCode, stdout, stderr } = await run(['verify', 'epoch.json', '--json'], given)
  return { exitCode, stderr, answer: JSON.parse(stdout) as Answer }
}
type Answer = { holds: boolean; differences: { path: string; expected: string; found: string }[] }

describe('epoch verify', () => {
  test('recomputes all and ends with 0', async () => {
    const { exitCode, stderr, answer } = await verify(text)
    expect({ exitCode, holds: answer.holds }).toEqual({ exitCode: 0, holds: true })
    expect(answer).toMatchObject({ epoch: '12', chain: 'not asked', receipts: 4, differences: [] })
    expect(stderr).toContain('8 signatures of receipts checked\nNo chain was asked')
    const { stdout } = await run(['verify', 'epoch.json'], text)
    expect(stdout).toContain('12, with all from 11 on')
    expect(stdout).toContain('1,000 ANKR')
  })

  test('says exactly what differs and ends with 1', async () => {
    const { exitCode, stderr, answer } = await verify(
      text.replace('"credits":"300"', '"credits":"301"'),
    )
    expect(exitCode).toBe(1)
    expect(stderr).toEndWith('epoch.json does not hold: 2 things differ.\n')
    expect(answer.differences.map(({ path }) => path)).toEqual([
      'roots.performanceRoot',
      'roots.dataHash',
    ])
  })

  test('tells a false payout and what it has to be', async () => {
    const [first] = file.data.payouts
    if (first === undefined) throw new Error('somebody is paid')
    const { answer } = await verify(text.replace(`"amount":"${first.amount}"`, '"amount":"5"'))
    expect(answer.differences).toContainEqual({
      ...{ path: 'data.payouts[0].amount', expected: String(first.amount), found: '5' },
    })
  })

  test('tells whose signature is missing', async () => {
    const { receipts, ...data } = file.data
    const swapped = receipts.map((receipt) => ({
      ...receipt,
      nodeSignature: receipt.gatewaySignature,
    }))
    const { answer } = await verify(
      encodeEpochFile(createEpochFile({ ...data, receipts: swapped }, keccak)),
    )
    expect(answer.differences.map(({ path }) => path)).toEqual(
      receipts.map((_, at) => `data.receipts[${at}].nodeSignature`),
    )
    expect(answer.differences[2]?.expected).toBe('one by a key of node 2')
  })

  test('tells what contradicts itself before anything is computed from it', async () => {
    const previous = {
      ...file.data.previous,
      payoutsRoot: hashOf(1),
    } as EpochFile['data']['previous']
    const { answer } = await verify(encodeEpochFile({ ...file, data: { ...file.data, previous } }))
    expect(answer.differences.map(({ path }) => path)).toEqual([
      'data.previous.payoutsRoot',
      'roots.dataHash',
    ])
  })

  test('of something else tells its place and ends with 1', async () => {
    const { exitCode, answer } = await verify(text.replace('"chainId":31337', '"chainId":"31337"'))
    expect(exitCode).toBe(1)
    expect(answer.differences).toEqual([
      {
        path: 'data.deployment.chainId',
        expected: 'a whole number from 1 to 9007199254740991',
        found: '"31337"',
      },
    ])
  })

  test('reads what a URL answers with', async () => {
    await using server = Bun.serve({
      ...{ port: 0, hostname: '127.0.0.1', development: false },
      fetch: ({ url }) =>
        url.endsWith('/epoch.json') ? new Response(text) : new Response('', { status: 404 }),
    })
    const url = `http://127.0.0.1:${server.port}`
    const good = await runCommand(['epoch', 'verify', `${url}/epoch.json`, '--json'])
    expect(good.exitCode).toBe(0)
    const missing = await runCommand(['epoch', 'verify', `${url}/other.json`])
    expect(missing).toMatchObject({ exitCode: 3 })
    expect(missing.stderr).toContain('answered 404')
  })

  test('refuses wrong use', async () => {
    const none = await runCommand(['epoch', 'verify', 'nowhere.json'])
    expect(none).toMatchObject({ exitCode: 2 })
    expect(none.stderr).toContain('There is no file')
    const ftp = await runCommand(['epoch', 'verify', 'ftp://127.0.0.1/epoch.json'])
    expect(ftp).toMatchObject({ exitCode: 2 })
    const dead = await runCommand(['epoch', 'verify', `${await deadUrl()}/epoch.json`])
    expect(dead).toMatchObject({ exitCode: 3 })
  })
})

describe('epoch proof', () => {
  test.each([
    [['--account', addressOf(0xc2)], 2],
    [['--provider', '1'], 3],
  ])('of %p leads to the roots', async (whose, rows) => {
    const { exitCode, stdout } = await run(['proof', 'epoch.json', ...whose], text)
    expect(exitCode).toBe(0)
    const proven = rootsOfInclusions(parseInclusionFile(JSON.parse(stdout)), await openKeccak())
    expect(proven).toHaveLength(rows)
    const { chargesRoot, performanceRoot } = file.roots
    for (const { tree, root } of proven) {
      expect(root).toBe(tree === 'charges' ? chargesRoot : performanceRoot)
    }
  })

  test('of nobody, or of both, is refused', async () => {
    const stranger = await run(['proof', 'epoch.json', '--account', addressOf(0xff)], text)
    expect(stranger).toMatchObject({ exitCode: 2, stdout: '' })
    const both = await run(
      ['proof', 'epoch.json', '--account', addressOf(1), '--provider', '1'],
      text,
    )
    expect(both.stderr).toContain('Say whose')
  })

  test('of a file that does not hold is none', async () => {
    const changed = text.replace('"credits":"300"', '"credits":"299"')
    const { exitCode, stdout, stderr } = await run(
      ['proof', 'epoch.json', '--provider', '1'],
      changed,
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('mooring epoch verify')
  })
})

test('epoch show tells who did what and what it earned', async () => {
  const { exitCode, stdout } = await run(['show', 'epoch.json'], text)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('94.7368 %')
  expect(stdout).toMatch(/^ +2 +175 ANKR +175 ANKR$/m)
})

test('epoch payouts makes the file that brings them to the chain', async () => {
  const { exitCode, stdout } = await run(['payouts', 'epoch.json', '--provider', '2'], text)
  expect(exitCode).toBe(0)
  const cumulative = String(file.data.payouts[1]?.cumulative)
  const { payouts } = JSON.parse(stdout) as { payouts: { proof: string[] }[] }
  expect(payouts).toEqual([
    { providerId: '2', epoch: '12', cumulative, proof: expect.any(Array) } as never,
  ])
  expect(payouts[0]?.proof).toHaveLength(2)
})
