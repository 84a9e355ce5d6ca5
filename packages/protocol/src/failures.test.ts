import { describe, expect, test } from 'bun:test'
import { type Failure, failures } from './failures.ts'

const rows: [string, Failure][] = Object.entries(failures)
const ours = rows.filter(([, { jsonRpc }]) => jsonRpc <= -32049 && jsonRpc >= -32099)

describe('the failure table', () => {
  test.each(rows)('%s can be acted on', (_code, { help, http }) => {
    expect(help.length).toBeGreaterThan(30)
    expect(help.endsWith('.') || help.endsWith('`/`.')).toBe(true)
    expect(http >= 200 && http < 600).toBe(true)
  })

  test("never charges for our failures, a provider's or a malformed request", () => {
    for (const [, { blame, charged }] of rows) if (blame !== 'nobody') expect(charged).toBe(false)
  })

  test('gives each of our own numbers one meaning, save where limits share it', () => {
    const numbers = ours.map(([, { jsonRpc }]) => jsonRpc)
    const twice = numbers.filter((number, at) => numbers.indexOf(number) !== at)
    expect(twice).toEqual([-32062, -32062])
  })

  test('asks the caller to come back only where that can help', () => {
    expect(failures.RATE_LIMITED.retry).toBe('later')
    for (const [, { blame, retry }] of rows)
      if (blame === 'provider') expect(retry).toBe('elsewhere')
  })
})
