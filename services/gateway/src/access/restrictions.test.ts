import { describe, expect, test } from 'bun:test'
import type { KeyRestrictions } from '@mooring/protocol/access/key-record'
import { allowsMethod, assertMayArrive, restrictionsOf } from './restrictions.ts'

const everything = { origins: [], addresses: [], contracts: [], methods: [], chains: [] }

function kept(lists: Partial<KeyRestrictions>) {
  const restrictions = restrictionsOf({ ...everything, ...lists })
  if (restrictions === undefined) throw new Error('nothing is restricted')
  return restrictions
}

function arrives(
  lists: Partial<KeyRestrictions>,
  from: { origin?: string; address?: string; chain?: string },
): boolean {
  const arriving = { origin: undefined, address: '192.0.2.1', chain: 'eth', ...from }
  try {
    assertMayArrive(kept(lists), arriving)
    return true
  } catch {
    return false
  }
}

test('empty lists allow everything, which costs nothing to ask', () => {
  expect(restrictionsOf(everything)).toBeUndefined()
})

describe('an origin', () => {
  test.each([
    ['https://app.example.org', true],
    ['https://app.example.org:8443', true],
    ['HTTPS://APP.example.org', true],
    ['https://a.b.test', true],
    ['https://b.test', false],
    ['https://xb.test', false],
    ['https://app.example.org.evil.test.com', false],
    ['https://evil-app.example.org', false],
    ['https://app.example.org@evil.com', false],
    ['null', false],
    ['app.example.org', false],
    ['https://app.example.org, https://evil.com', false],
  ])('%s: %p', (origin, isAllowed) => {
    expect(arrives({ origins: ['App.example.org', '*.b.test'] }, { origin })).toBe(isAllowed)
  })

  test('is missed where none is sent: programs that are no browsers are not allowed then', () => {
    expect(arrives({ origins: ['app.example.org'] }, {})).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['192.0.2.7', true],
    ['::ffff:192.0.2.7', true],
    ['192.0.3.1', false],
    ['198.51.100.4', true],
    ['198.51.100.5', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['unix', false],
    ['', false],
  ])('%s: %p', (address, isAllowed) => {
    const addresses = ['192.0.2.0/24', '198.51.100.4', '2001:db8::/32', 'what', '1.2.3.4/99']
    expect(arrives({ addresses }, { address })).toBe(isAllowed)
  })
})

test('a chain is allowed by its name', () => {
  expect(arrives({ chains: ['eth'] }, { chain: 'eth' })).toBe(true)
  expect(arrives({ chains: ['eth'] }, { chain: 'bsc' })).toBe(false)
})

test('a method is allowed by its name, or by how it begins', () => {
  const restrictions = kept({ methods: ['eth_call', 'net_*'] })
  expect(allowsMethod(restrictions, 'eth_call')).toBe(true)
  expect(allowsMethod(restrictions, 'net_version')).toBe(true)
  expect(allowsMethod(restrictions, 'eth_callMany')).toBe(false)
  expect(allowsMethod(restrictions, 'ETH_CALL')).toBe(false)
})

test('a refusal says which kind of list, and nothing of what is on it', () => {
  const assertion = () =>
    assertMayArrive(kept({ origins: ['secret.example'] }), {
      origin: 'https://x.y',
      address: '1.2.3.4',
      chain: 'eth',
    })
  expect(assertion).toThrow('this origin')
  expect(assertion).not.toThrow('secret.example')
})
