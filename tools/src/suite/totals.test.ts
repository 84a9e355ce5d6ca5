import { expect, test } from 'bun:test'
import { lineOf, totalsOf } from './totals.ts'

const report =
  '<?xml version="1.0"?>\n<testsuites name="bun test" tests="10" failures="4" skipped="2">'

test('the totals are those of the report', () => {
  expect(totalsOf(report, 1)).toEqual({ passed: 4, failed: 4, skipped: 2 })
})

test('a run that failed without a failing test counts one failure', () => {
  expect(totalsOf('<testsuites tests="3" failures="0">', 1)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 0,
  })
})

test('a run that wrote no report, or ran nothing, failed', () => {
  expect(totalsOf(undefined, 137).failed).toBe(1)
  expect(totalsOf('<testsuites tests="0" failures="0">', 0).failed).toBe(1)
  expect(totalsOf('<testsuites tests="2" failures="0" skipped="2">', 0).failed).toBe(1)
})

test('the closing line is plain', () => {
  expect(lineOf({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed')
  expect(lineOf({ passed: 7, failed: 1, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped')
})
