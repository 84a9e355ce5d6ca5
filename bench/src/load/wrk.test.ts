import { expect, test } from 'bun:test'
import { parseWrkSummary } from './wrk.ts'

test('the summary is the last line', () => {
  const line = '{"answers":12,"tookSeconds":3.001000,"bytes":9000,"failures":0}'
  expect(parseWrkSummary(`Running 3s test\n  1 threads\n\n${line}\n`)).toEqual({
    answers: 12,
    tookSeconds: 3.001,
    bytes: 9_000,
    failures: 0,
  })
  expect(() => parseWrkSummary('unable to connect\n')).toThrow('wrk wrote no summary')
})
