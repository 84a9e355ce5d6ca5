import { describe, expect, test } from 'bun:test'
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openFolder } from '../context.fixtures.ts'
import { homeOf, loadSecret, saveSecret } from './home.ts'

describe('the folder of the user', () => {
  test('is the one that was named, else where the system keeps settings', () => {
    const base = { MOORING_HOME: '/mine', XDG_CONFIG_HOME: '/config', HOME: '/me' }
    expect(homeOf({ env: base })).toBe('/mine')
    expect(homeOf({ env: { ...base, MOORING_HOME: '' } })).toBe('/config/mooring')
    expect(homeOf({ env: { HOME: '/me' } })).toBe('/me/.config/mooring')
    expect(() => homeOf({ env: {} })).toThrow('set MOORING_HOME')
  })
})

describe('a secret', () => {
  test('is a file that its owner alone may read, in a folder of which the same is true', () => {
    using folder = openFolder()
    const file = join(folder.path, 'keys/mine.json')
    saveSecret(file, 'secret', { isNew: true })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder.path, 'keys')).mode & 0o777).toBe(0o700)
    saveSecret(file, 'other', { isNew: false })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder.path, 'keys'))).toEqual(['mine.json'])
  })

  test('that is new replaces none', () => {
    using folder = openFolder()
    const file = join(folder.path, 'mine.json')
    expect(saveSecret(file, 'first', { isNew: true })).toBe(true)
    expect(saveSecret(file, 'second', { isNew: true })).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('first')
  })

  test('that others may read is refused, with what to do', () => {
    using folder = openFolder()
    const file = join(folder.path, 'mine.json')
    saveSecret(file, 'secret', { isNew: true })
    chmodSync(file, 0o644)
    expect(() => loadSecret(file)).toThrow('chmod 600')
    chmodSync(file, 0o600)
    expect(loadSecret(file)).toBe('secret')
  })

  test('that is not there is none', () => {
    expect(loadSecret('/nowhere/mine.json')).toBeUndefined()
  })
})
