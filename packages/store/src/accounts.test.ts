import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ensureAccount, loadAccount, recordOf, saveAccount } from './accounts.ts'
import { brokenConstraint, type Database } from './database.ts'
import { startPostgres } from './embedded/postgres.ts'
import {
  changeKey,
  createKey,
  dropEndedHashes,
  findKeyRecord,
  hashesOfKeyMax,
  listKeys,
  loadKey,
  rotateKey,
  setKeyStatus,
} from './keys.ts'
import { saveNonce, takeNonce } from './nonces.ts'
import { createProject, deleteProject, listProjects, loadProject } from './projects.ts'
import {
  endSession,
  findSession,
  listSessions,
  saveSession,
  sessionsOfWalletMax,
  touchSession,
} from './sessions.ts'
import { alice, bob, dayMs, digestNamed, noRestrictions, nowMs, storeOn } from './store.fixtures.ts'
import {
  acceptInvitation,
  changeRole,
  inviteMember,
  listMembers,
  loadRole,
  removeMember,
  teamConstraints,
} from './team.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
  database = await store.open()
  for (const name of [alice, bob]) await ensureAccount(database, name, nowMs)
})
afterAll(async () => {
  await database?.close()
  await store?.stop()
})

const settings = {
  name: 'web',
  expiresAtMs: null,
  restrictions: noRestrictions,
  creditsPerDayMax: null,
}

describe('an account', () => {
  test('is made once, with a premium id that stays', async () => {
    const first = await loadAccount(database.sql, alice)
    await Promise.all([1, 2, 3].map(() => ensureAccount(database, alice, nowMs + 1)))
    expect(await loadAccount(database.sql, alice)).toEqual(first!)
    expect(first?.premiumId).toMatch(/^[0-9a-f-]{36}$/)
    expect(recordOf(first!)).toEqual({ account: alice, tier: 'community', status: 'active' })
  })

  test('made by several at once is made once', async () => {
    const name = 'eip155:1:0x00000000000000000000000000000000000000ff'
    await Promise.all([1, 2, 3, 4, 5].map(() => ensureAccount(database, name, nowMs)))
    expect(await listMembers(database.sql, name)).toHaveLength(1)
  })

  test('is frozen for gateways when its owner says so', async () => {
    await saveAccount(database.sql, alice, { status: 'frozen' })
    const account = await loadAccount(database.sql, alice)
    expect(recordOf(account!).status).toBe('frozen')
    await saveAccount(database.sql, alice, { status: 'active', title: 'Tea' })
    expect(await loadAccount(database.sql, alice)).toMatchObject({ title: 'Tea', status: 'active' })
  })

  test('with a name in another form is refused by the database', async () => {
    const wrong = 'eip155:1:0xABCDEF0000000000000000000000000000000000'
    await expect(ensureAccount(database, wrong, nowMs)).rejects.toThrow('account_name_check')
  })
})

describe('a nonce', () => {
  test('is taken once, however many try at once', async () => {
    await saveNonce(database.sql, digestNamed('n1'), nowMs + 10)
    const tries = [1, 2, 3, 4, 5].map(() => takeNonce(database.sql, digestNamed('n1'), nowMs))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  test('that has ended, or never was, is not taken', async () => {
    await saveNonce(database.sql, digestNamed('n2'), nowMs)
    expect(await takeNonce(database.sql, digestNamed('n2'), nowMs)).toBeFalse()
    expect(await takeNonce(database.sql, digestNamed('n3'), nowMs)).toBeFalse()
  })
})

describe('a session', () => {
  const idleMs = dayMs
  test('lives while it is used, and seven days at most', async () => {
    const tokenHash = digestNamed('s1')
    const endsAtMs = nowMs + 7 * dayMs
    const { id } = await saveSession(database, { tokenHash, wallet: alice, nowMs, endsAtMs })
    const at = (ms: number) => findSession(database.sql, tokenHash, { nowMs: ms, idleMs })
    expect(await at(nowMs + dayMs - 1)).toMatchObject({ id, wallet: alice })
    expect(await at(nowMs + dayMs)).toBeUndefined()
    await touchSession(database.sql, id, nowMs + 6.5 * dayMs)
    expect(await at(nowMs + 7 * dayMs - 1)).toBeDefined()
    expect(await at(nowMs + 7 * dayMs)).toBeUndefined()
  })

  test('is ended by its own wallet alone', async () => {
    const tokenHash = digestNamed('s2')
    const { id } = await saveSession(database, {
      ...{ tokenHash, wallet: alice, nowMs },
      endsAtMs: nowMs + dayMs,
    })
    expect(await endSession(database.sql, bob, id)).toBeFalse()
    expect(await endSession(database.sql, alice, id)).toBeTrue()
    expect(await findSession(database.sql, tokenHash, { nowMs, idleMs })).toBeUndefined()
  })

  test('too many of a wallet end its oldest', async () => {
    for (let at = 0; at <= sessionsOfWalletMax; at++) {
      await saveSession(database, {
        tokenHash: digestNamed(`many-${at}`),
        wallet: bob,
        nowMs: nowMs + at,
        endsAtMs: nowMs + dayMs,
      })
    }
    const living = await listSessions(database.sql, bob, { nowMs, idleMs })
    expect(living).toHaveLength(sessionsOfWalletMax)
    expect(living.at(-1)?.createdAtMs).toBe(nowMs + 1)
  })
})

describe('a key', () => {
  async function newKey(name: string) {
    const project = await createProject(database.sql, alice, { name, nowMs })
    const key = await createKey(
      database,
      { account: alice, projectId: project!.id },
      { hash: digestNamed(name), settings, nowMs },
    )
    return { project: project!, key: key! }
  }

  test('is known to gateways by its hash', async () => {
    const { key } = await newKey('k1')
    expect(await findKeyRecord(database.sql, digestNamed('k1'))).toEqual({
      id: key.id,
      keyHash: digestNamed('k1'),
      account: alice,
      name: 'web',
      status: 'active',
      expiresAt: null,
      restrictions: noRestrictions,
      creditsPerDayMax: null,
    })
    expect(await findKeyRecord(database.sql, digestNamed('nobody'))).toBeUndefined()
  })

  test('is not made in the project of another account', async () => {
    const { project } = await newKey('k2')
    const made = await createKey(
      database,
      { account: bob, projectId: project.id },
      { hash: digestNamed('k2b'), settings, nowMs },
    )
    expect(made).toBeUndefined()
    expect(await listKeys(database.sql, { account: bob, projectId: project.id })).toEqual([])
    expect(await loadProject(database.sql, bob, project.id)).toBeUndefined()
    expect(await deleteProject(database.sql, bob, project.id)).toBeFalse()
  })

  test('cannot be had twice', async () => {
    const { project } = await newKey('k3')
    const again = createKey(
      database,
      { account: alice, projectId: project.id },
      { hash: digestNamed('k3'), settings: { ...settings, name: 'other' }, nowMs },
    )
    expect(await again.catch(brokenConstraint)).toBe('key_hashes_pkey')
    expect(await listKeys(database.sql, { account: alice, projectId: project.id })).toHaveLength(1)
  })

  test('that is rotated is good in both forms until the overlap ends', async () => {
    const { key } = await newKey('k4')
    const owner = { account: alice, id: key.id }
    const rotation = { hash: digestNamed('k4-new'), nowMs, overlapMs: 60_000 }
    expect(await rotateKey(database, { ...owner, account: bob }, rotation)).toBeUndefined()
    const rotated = await rotateKey(database, owner, rotation)
    expect(rotated?.hashes).toEqual([
      { hash: digestNamed('k4-new'), endsAtMs: null },
      { hash: digestNamed('k4'), endsAtMs: nowMs + 60_000 },
    ])
    const old = await findKeyRecord(database.sql, digestNamed('k4'))
    expect(old?.expiresAt).toBe(nowMs / 1_000 + 60)
    expect((await findKeyRecord(database.sql, digestNamed('k4-new')))?.expiresAt).toBeNull()
    // Once nothing is served for it any more, it is not listed either.
    await dropEndedHashes(database.sql, nowMs + 2 * dayMs)
    const keys = await listKeys(database.sql, { account: alice, projectId: key.projectId })
    expect(keys.find(({ id }) => id === key.id)?.hashes).toHaveLength(1)
  })

  test('that is rotated again and again is good in its last forms', async () => {
    const { key } = await newKey('rotated')
    const owner = { account: alice, id: key.id }
    for (let at = 1; at <= hashesOfKeyMax + 2; at++) {
      const hash = digestNamed(`rotated-${at}`)
      await rotateKey(database, owner, { hash, nowMs: nowMs + at, overlapMs: dayMs })
    }
    const names = (await loadKey(database.sql, alice, key.id))?.hashes.map(({ hash }) => hash)
    const last = Array.from(
      { length: hashesOfKeyMax },
      (_, at) => `rotated-${hashesOfKeyMax + 2 - at}`,
    )
    expect(names).toEqual(last.map(digestNamed))
    expect(await findKeyRecord(database.sql, digestNamed('rotated-2'))).toBeUndefined()
  })

  test('is frozen, thawed, and revoked for good', async () => {
    const { key } = await newKey('k5')
    const owner = { account: alice, id: key.id }
    const status = async () => (await findKeyRecord(database.sql, digestNamed('k5')))?.status
    expect(await setKeyStatus(database.sql, { ...owner, account: bob }, 'revoked')).toBeUndefined()
    await setKeyStatus(database.sql, owner, 'frozen')
    expect(await status()).toBe('frozen')
    await setKeyStatus(database.sql, owner, 'active')
    expect(await status()).toBe('active')
    await setKeyStatus(database.sql, owner, 'revoked')
    expect(await setKeyStatus(database.sql, owner, 'active')).toBeUndefined()
    expect(
      await rotateKey(database, owner, { hash: digestNamed('x'), nowMs, overlapMs: 0 }),
    ).toBeUndefined()
    expect(await changeKey(database.sql, owner, { name: 'zombie' })).toBeUndefined()
    expect(await status()).toBe('revoked')
  })

  test('changes only in what is named', async () => {
    const { key } = await newKey('k6')
    const owner = { account: alice, id: key.id }
    const restrictions = { ...noRestrictions, chains: ['eth'] }
    await changeKey(database.sql, owner, { restrictions, creditsPerDayMax: 10n ** 30n })
    expect(await changeKey(database.sql, owner, { name: 'app', expiresAtMs: nowMs })).toMatchObject(
      {
        name: 'app',
        restrictions,
        creditsPerDayMax: 10n ** 30n,
        expiresAtMs: nowMs,
      },
    )
    expect(await changeKey(database.sql, owner, { expiresAtMs: null })).toMatchObject({
      expiresAtMs: null,
      name: 'app',
    })
    expect(
      await changeKey(database.sql, { ...owner, account: bob }, { name: 'mine' }),
    ).toBeUndefined()
  })

  test('goes with its project', async () => {
    const { project } = await newKey('k7')
    expect(await deleteProject(database.sql, alice, project.id)).toBeTrue()
    expect(await findKeyRecord(database.sql, digestNamed('k7'))).toBeUndefined()
    const names = (await listProjects(database.sql, alice)).map(({ name }) => name)
    expect(names).not.toContain('k7')
  })
})

describe('a team', () => {
  const carol = 'eip155:1:0x0000000000000000000000000000000000000ca1'
  const dora = 'eip155:1:0x0000000000000000000000000000000000000d0a'
  const owner = (wallet: string) => ({ wallet, mayTouchOwners: true })

  test('has who accepted an invitation', async () => {
    const seat = { account: alice, wallet: carol }
    await inviteMember(database.sql, seat, { role: 'finance', nowMs })
    expect(await loadRole(database.sql, alice, carol)).toBeUndefined()
    expect(await acceptInvitation(database.sql, { ...seat, wallet: bob }, nowMs)).toBeFalse()
    expect(await acceptInvitation(database.sql, seat, nowMs)).toBeTrue()
    expect(await acceptInvitation(database.sql, seat, nowMs)).toBeFalse()
    expect(await loadRole(database.sql, alice, carol)).toBe('finance')
    expect(await inviteMember(database.sql, seat, { role: 'owner', nowMs })).toBeUndefined()
    expect(await loadRole(database.sql, alice, carol)).toBe('finance')
  })

  test('keeps an owner, though two of them leave at once', async () => {
    const seat = { account: bob, wallet: carol }
    await inviteMember(database.sql, seat, { role: 'owner', nowMs })
    await acceptInvitation(database.sql, seat, nowMs)
    const leaving = [bob, carol].map((wallet) =>
      removeMember(database.sql, { account: bob, wallet }, { by: owner(wallet) }).then(
        () => 'left',
        brokenConstraint,
      ),
    )
    expect((await Promise.all(leaving)).sort()).toEqual([teamConstraints.lastOwner, 'left'])
  })

  test('does not let its last owner become something else', async () => {
    const demoted = changeRole(
      database.sql,
      { account: alice, wallet: alice },
      { role: 'admin', by: owner(alice) },
    )
    expect(await demoted.catch(brokenConstraint)).toBe(teamConstraints.lastOwner)
  })

  test('leaves owners alone when somebody else asks', async () => {
    await inviteMember(database.sql, { account: alice, wallet: dora }, { role: 'owner', nowMs })
    const by = { wallet: carol, mayTouchOwners: false }
    for (const wallet of [alice, dora]) {
      const seat = { account: alice, wallet }
      expect(await removeMember(database.sql, seat, { by })).toBeFalse()
      expect(await changeRole(database.sql, seat, { role: 'finance', by })).toBeUndefined()
    }
  })

  test('keeps the wallet whose account it is, whichever other owner asks', async () => {
    const seat = { account: alice, wallet: alice }
    await acceptInvitation(database.sql, { account: alice, wallet: dora }, nowMs)
    const by = owner(dora)
    expect(await removeMember(database.sql, seat, { by })).toBeFalse()
    expect(await changeRole(database.sql, seat, { role: 'finance', by })).toBeUndefined()
    // It may leave by itself, and whoever stays may take back that it is invited again.
    expect(await removeMember(database.sql, seat, { by: owner(alice) })).toBeTrue()
    await inviteMember(database.sql, seat, { role: 'owner', nowMs })
    expect(await removeMember(database.sql, seat, { by })).toBeTrue()
  })

  test('has at most twenty', async () => {
    const invite = (at: number) =>
      inviteMember(
        database.sql,
        { account: alice, wallet: `eip155:1:0x${String(at).padStart(40, '0')}` },
        { role: 'developer', nowMs },
      )
    const results = await Promise.allSettled(Array.from({ length: 25 }, (_, at) => invite(at)))
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(await listMembers(database.sql, alice)).toHaveLength(20)
    expect(refused).toHaveLength(7)
  })
})
