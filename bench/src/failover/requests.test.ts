import { expect, test } from 'bun:test'
import { problemOf, requestAt } from './requests.ts'

test('an answer with a result is right, everything else is a problem', () => {
  const right = { status: 200, body: '{"jsonrpc":"2.0","id":1,"result":"0x0"}' }
  expect(problemOf(right)).toBeUndefined()
  expect(problemOf({ ...right, status: 502 })).toStartWith('502 ')
  for (const body of ['', 'null', '[]', '<html>', '{"result":null}', '{"error":{},"result":1}']) {
    expect(problemOf({ status: 200, body })).toBe(`200 ${body}`)
  }
})

test('requests carry their place as their id, and most differ from their neighbours', () => {
  const requests = Array.from({ length: 80 }, (_, at) => JSON.parse(requestAt(at)))
  expect(requests.map(({ id }) => id)).toEqual(requests.map((_, at) => at))
  const bodies = new Set(requests.map(({ method, params }) => JSON.stringify([method, params])))
  expect(bodies.size).toBeGreaterThan(40)
})
