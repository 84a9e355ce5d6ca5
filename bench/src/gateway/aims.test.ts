import { expect, test } from 'bun:test'
import { aimsText } from './aims.ts'

test('an aim is reached from its bound on, and not when nothing was measured', () => {
  const text = aimsText({ proxied1KbToHaproxyRatio: 0.55, gatewayAddedP99Ms: 1.2 })
  expect(text).toContain('proxied, × HAProxy: 0.55, at least 0.55: reached')
  expect(text).toContain('added p99 at half load, ms: 1.20, at most 1: not reached')
  expect(text).toContain('repeated, × HAProxy: NaN, at least 1.1: not reached')
})
