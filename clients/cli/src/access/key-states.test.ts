import { describe, expect, test } from 'bun:test'
import { openFolder, runCommand } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { commitmentOf, createAccessMaterial, projectKeyHashOf } from './key-material.ts'
import { addKey } from './key-store.ts'
import { saveSession } from './session.ts'

const accounts = 'https://accounts.example.org'
const nowSeconds = Math.floor(Date.now() / 1_000)
const [past, future] = [nowSeconds - 60, nowSeconds + 3_600]

type Known = {
  status?: string
  expiresAt?: number | null
  endsAt?: number | null
  keyHash?: string
}

/** A person with one key of a project, `app`, another key, and what an accounts service says of the first. */
function openPerson(home: string, known: Known | undefined, session = { accounts, endsAt: 9e9 }) {
  const env = { MOORING_HOME: home, MOORING_GATEWAY: 'http://127.0.0.1:1' }
  const asked: { url: string; authorization: string | null }[] = []
  const material = createAccessMaterial()
  const fetchHere = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ url, authorization: new Headers(init.headers).get('authorization') })
    if (known === undefined) throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    const { status = 'active', expiresAt = null, endsAt = null } = known
    const keyHash = known.keyHash ?? projectKeyHashOf(material)
    return Response.json({ keys: [{ id: 'k', status, expiresAt, hashes: [{ keyHash, endsAt }] }] })
  }
  const context = { env } as unknown as Context
  const registration = { accounts, keyId: 'k', projectId: 'p' }
  const made = { createdAt: 1, material, commitment: commitmentOf(material) }
  addKey(context, { name: 'app', ...made, registration })
  addKey(context, { name: 'other', ...made })
  saveSession(context, { ...session, token: 'secret', account: 'eip155:1:0x' })
  const run = (...args: string[]) => runCommand(args, { cwd: home, env, fetch: fetchHere })
  return { run, asked }
}

describe('the state of a project key', () => {
  test.each<[string, Known]>([
    ['active', {}],
    ['active', { expiresAt: future, endsAt: future }],
    ['frozen', { status: 'frozen' }],
    ['frozen', { status: 'frozen', expiresAt: past }],
    ['revoked', { status: 'revoked' }],
    ['revoked', { status: 'revoked', expiresAt: past }],
    ['expired', { expiresAt: past }],
    ['expired', { endsAt: past }],
    ['replaced', { keyHash: 'A'.repeat(43) }],
    ['replaced', { keyHash: 'A'.repeat(43), status: 'frozen' }],
    ['unknown', { status: 'resting' }],
  ])('is %s where the service says %p', async (state, known) => {
    using folder = openFolder()
    const { run, asked } = openPerson(folder.path, known)
    const list = await run('keys', 'list')
    expect(list.stdout).toMatch(new RegExp(`^app +key +0x[0-9a-f]{64} +${state} +none$`, 'm'))
    expect(list.stdout).toMatch(/^other +key +0x[0-9a-f]{64} +– +none$/m)
    const { keys } = JSON.parse((await run('keys', 'list', '--json')).stdout)
    expect(keys[0].registration).toEqual({ accounts, keyId: 'k', projectId: 'p', state })
    expect(keys[1].registration).toBeUndefined()
    const show = await run('keys', 'show', 'app')
    expect(show.stdout).toContain(`project key     ${state}: k at ${accounts}\n`)
    const shown = JSON.parse((await run('keys', 'show', 'app', '--json')).stdout)
    expect(shown.registration.state).toBe(state)
    const question = { url: `${accounts}/v1/projects/p/keys`, authorization: 'Bearer secret' }
    expect(asked).toEqual(Array(4).fill(question))
  })

  test('is unknown, and said to be, where nobody is signed in there: no session goes elsewhere', async () => {
    using folder = openFolder()
    const elsewhere = { accounts: 'https://other.example.org', endsAt: 9e9 }
    const { run, asked } = openPerson(folder.path, {}, elsewhere)
    const { exitCode, stdout, stderr } = await run('keys', 'list')
    expect([exitCode, asked]).toEqual([0, []])
    expect(stdout).toContain('unknown')
    expect(stderr).toContain(`\`npx mooring login --accounts ${accounts}\` does`)
  })

  test('is unknown where the session has ended, or nobody answers', async () => {
    using ended = openFolder()
    const away = openPerson(ended.path, {}, { accounts, endsAt: past })
    expect((await away.run('keys', 'list')).stdout).toContain('unknown')
    expect(away.asked).toEqual([])
    using silent = openFolder()
    const { exitCode, stdout, stderr } = await openPerson(silent.path, undefined).run(
      'keys',
      'list',
    )
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('unknown')])
    expect(stderr).toContain(`No accounts service answers at ${accounts}`)
  })

  test('is unknown where the session is damaged: the keys are listed all the same', async () => {
    using folder = openFolder()
    const { run } = openPerson(folder.path, {})
    await Bun.write(`${folder.path}/session.json`, '{')
    const { exitCode, stdout, stderr } = await run('keys', 'list')
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('unknown')])
    expect(stderr).toContain('session.json is damaged')
  })

  test('is not asked for where nothing but what a request needs is printed', async () => {
    using folder = openFolder()
    const { run, asked } = openPerson(folder.path, {})
    await run('keys', 'show', 'app', '--show')
    await run('keys', 'show', 'app', '--headers')
    await run('keys', 'show', 'other')
    expect(asked).toEqual([])
  })
})

describe('a deposit wants the key of the deposit', () => {
  test('and names one, where that of a project is given', async () => {
    using folder = openFolder()
    const { run } = openPerson(folder.path, {})
    const { exitCode, stdout, stderr } = await run('deposit', '1000', '--key', 'app')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain("The key app is a project's, and --key wants the key of the deposit")
    expect(stderr).toContain('give `--key other`, or one that `npx mooring keys new NAME` makes')
  })

  test('or says how to make one, where there is none', async () => {
    using folder = openFolder()
    const { run } = openPerson(folder.path, {})
    await Bun.file(`${folder.path}/keys/other.json`).delete()
    const { stderr } = await run('deposit', '1000', '--key', 'app')
    expect(stderr).toContain('make one with `npx mooring keys new mine` and give `--key mine`')
  })
})
