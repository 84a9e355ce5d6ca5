import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { accountsUrl, loadSession, saveSession, sessionFor } from './session.ts'

const session = {
  ...{ accounts: 'https://accounts.example.org', token: 'secret' },
  ...{ account: 'eip155:1:0x', endsAt: Math.floor(Date.now() / 1_000) + 60 },
}
const contextIn = (home: string, env: Record<string, string> = {}) =>
  ({ env: { MOORING_HOME: home, ...env }, cwd: home, repository: undefined }) as unknown as Context

describe('a session', () => {
  test('is used where it was had', () => {
    using folder = openFolder()
    const context = contextIn(folder.path)
    expect(() => sessionFor(context, { accounts: session.accounts })).toThrow('not signed in')
    saveSession(context, session)
    expect(sessionFor(context, {})).toEqual(session)
    expect(sessionFor(context, { accounts: `${session.accounts}/` })).toEqual(session)
  })

  test('is sent nowhere else', () => {
    using folder = openFolder()
    saveSession(contextIn(folder.path), session)
    const elsewhere = { accounts: 'https://accounts.other.org' }
    expect(() => sessionFor(contextIn(folder.path), elsewhere)).toThrow('You are signed in at')
    const context = contextIn(folder.path, { MOORING_ACCOUNTS: 'http://accounts.example.org' })
    expect(() => sessionFor(context, {})).toThrow('You are signed in at')
  })

  test('that has ended or is damaged is told', () => {
    using folder = openFolder()
    const context = contextIn(folder.path)
    saveSession(context, { ...session, endsAt: 1 })
    expect(() => sessionFor(context, {})).toThrow('has ended')
    writeFileSync(join(folder.path, 'session.json'), '{"token":', { mode: 0o600 })
    expect(() => loadSession(context)).toThrow('is damaged')
  })
})

test.each(['accounts.example.org', 'https://a/path', 'https://u:p@a', 'ftp://a', ''])(
  'no accounts service is at %p',
  (accounts) => {
    using folder = openFolder()
    expect(() => accountsUrl(contextIn(folder.path), { accounts })).toThrow('no address of an')
  },
)
