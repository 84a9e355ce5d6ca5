import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ClientKeys } from './client-keys.ts'

const clientKeys = new ClientKeys()

describe('who a community rate limit is kept for', () => {
  const cases: [string, string, string | undefined, number, string][] = [
    ['the peer', '203.0.113.9', undefined, 0, '203.0.113.9'],
    ['the peer, when a header claims otherwise', '203.0.113.9', '1.1.1.1', 0, '203.0.113.9'],
    [
      'the entry written by the one trusted proxy',
      '10.0.0.1',
      '6.6.6.6, 198.51.100.7',
      1,
      '198.51.100.7',
    ],
    [
      'the entry before two trusted proxies',
      '10.0.0.1',
      '6.6.6.6, 198.51.100.7, 10.0.0.2',
      2,
      '198.51.100.7',
    ],
    [
      'the first entry when there are fewer than trusted',
      '10.0.0.1',
      '198.51.100.7',
      3,
      '198.51.100.7',
    ],
    ['the peer when the entry is no address', '10.0.0.1', 'unknown', 1, '10.0.0.1'],
    ['the IPv4 inside a mapped address', '::ffff:203.0.113.9', undefined, 0, '203.0.113.9'],
    ['the /64 of an IPv6 address', '2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2::/64'],
    ['the same /64 of a neighbour', '2001:db8:1:2:ffff::1', undefined, 0, '2001:db8:1:2::/64'],
  ]
  test.each(cases)('%s', (_name, peer, forwardedFor, hops, expected) => {
    expect(clientKeys.keyOf(peer, forwardedFor, hops)).toBe(expected)
  })

  test('is the peer for any header when no proxy is trusted', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(clientKeys.keyOf('203.0.113.9', header, 0)).toBe('203.0.113.9')
      }),
    )
  })

  test('is never text that a client wrote freely', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 3 }), (header, hops) => {
        expect(clientKeys.keyOf('203.0.113.9', header, hops)).toMatch(/^[0-9a-f.:]+(\/64)?$/)
      }),
    )
  })
})
