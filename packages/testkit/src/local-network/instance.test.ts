import { expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimInstance, runningSummary } from './instance.ts'
import type { NetworkSummary } from './summary.ts'

const summary: NetworkSummary = {
  gateway: 'http://127.0.0.1:1',
  admin: 'http://127.0.0.1:2',
  networkAdmin: 'http://127.0.0.1:3',
  pid: 4,
  processes: {},
  premiumKey: 'key',
  fundedAccount: { address: '0x', privateKey: '0x' },
  chains: {},
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-instance-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a folder is claimed once, and can be claimed again when it is released', () =>
  inFolder(async (folder) => {
    const first = await claimInstance(folder)
    expect(await claimInstance(folder)).toBeUndefined()
    expect(await runningSummary(folder)).toBeUndefined()
    await first?.publish(summary)
    expect(await claimInstance(folder)).toBeUndefined()
    expect(await runningSummary(folder)).toEqual(summary)
    await first?.release()
    expect(await readdir(folder)).toEqual([])
    const second = await claimInstance(folder)
    expect(second).toBeDefined()
    await second?.release()
  }))

test('what a dead network left does not stop the next one', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'network.lock'), '')
    await writeFile(join(folder, 'network.json'), JSON.stringify(summary))
    const claim = await claimInstance(folder)
    expect(claim).toBeDefined()
    expect(await runningSummary(folder)).toBeUndefined()
    await claim?.release()
  }))

test('a damaged lock is replaced, since nobody holds it', async () => {
  for (const content of ['x', 'not a lock '.repeat(9), `SQLite format 3\0${'z'.repeat(4_080)}`]) {
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'network.lock'), content)
      const claim = await claimInstance(folder)
      expect(claim).toBeDefined()
      expect(await claimInstance(folder)).toBeUndefined()
      await claim?.release()
      expect(await readdir(folder)).toEqual([])
    })
  }
})

test('a lock that cannot be taken is named, with what to do', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'network.lock')
    await mkdir(file)
    await expect(claimInstance(folder)).rejects.toThrow(
      `cannot take the lock ${file} (unable to open database file): delete it and start again`,
    )
  }))
