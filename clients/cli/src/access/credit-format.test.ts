import { expect, test } from 'bun:test'
import { openFolder, runCommand } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { saveSession } from './session.ts'

const accounts = 'https://accounts.example.org'

/** What `mooring account` prints of a credit, for somebody who has named no chain. */
async function printed(credit: { ankr: string; usd: string }) {
  using folder = openFolder()
  const env = { MOORING_HOME: folder.path }
  const session = { accounts, token: 'secret', account: 'eip155:1:0x', endsAt: 9e9 }
  saveSession({ env } as unknown as Context, session)
  const texts = { account: 'a', premiumId: 'p', tier: 'premium', status: 'active', role: 'owner' }
  const fetch = async () => Response.json({ ...texts, credit })
  return await runCommand(['account'], { cwd: folder.path, env, fetch })
}

test('an account without dollars asks no chain', async () => {
  const { exitCode, stdout, stderr } = await printed({ ankr: `1${'0'.repeat(18)}`, usd: '0' })
  expect(stdout).toContain('credit          1 ANKR, 0 USD\n')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})

test('where no chain can be asked, amounts are in base units, and it is said why', async () => {
  const { exitCode, stdout, stderr } = await printed({ ankr: '0', usd: '50000000' })
  expect(stdout).toContain('credit          0 ANKR, 50000000 base units of the stablecoin\n')
  expect(stderr).toContain('in base units: Nobody said which chain')
  expect(exitCode).toBe(0)
})
