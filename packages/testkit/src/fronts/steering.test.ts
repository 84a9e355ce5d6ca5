import { afterAll, beforeAll, expect, test } from 'bun:test'
import { freePort } from '../ports.ts'
import { seededRandom } from '../random.ts'
import { describeFaults, healthy } from './faults.ts'
import { type Front, startFront } from './front.ts'
import { type Steering, startSteering } from './steering.ts'

const lag = { lagBlocks: 3 }
let front: Front
let steering: Steering
let address: string

beforeAll(async () => {
  front = await startFront({
    chain: 'local_one',
    provider: 'bravo',
    node: 'two',
    nodeUrl: `http://127.0.0.1:${await freePort()}`,
    random: seededRandom(1),
    faults: lag,
  })
  steering = await startSteering({ fronts: [front] })
  address = `${steering.url}/fronts/local_one/bravo/two`
})

afterAll(async () => {
  await steering?.stop()
  await front?.stop()
})

const post = (url: string, body: string, headers = {}) =>
  fetch(url, { method: 'POST', body, headers })

test('the list shows each front with its address and faults', async () => {
  expect(await (await fetch(`${steering.url}/fronts`)).json()).toEqual({
    help: 'GET /faults tells what each fault means and which values it takes',
    fronts: [
      {
        chain: 'local_one',
        provider: 'bravo',
        node: 'two',
        url: front.url,
        faults: { ...healthy, ...lag },
        requestsTotal: 0,
        requests: {},
      },
    ],
  })
})

test('each fault is told with its meaning and its values', async () => {
  const { faults } = (await (await fetch(`${steering.url}/faults`)).json()) as { faults: unknown }
  expect(faults).toEqual(describeFaults())
  const wrong = await post(address, '{"lie": "yes"}')
  expect(await wrong.json()).toMatchObject({ error: expect.stringContaining('GET /faults tells') })
})

test('a posted part of the faults is in force at once, the rest stays', async () => {
  const response = await post(address, '{"failRatio": 1, "failWith": "rateLimit"}')
  const faults = { ...healthy, ...lag, failRatio: 1, failWith: 'rateLimit' }
  expect(await response.json()).toMatchObject({ faults })
  const relayed = await post(front.url, '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
  expect(relayed.status).toBe(429)
})

test('a front goes down and comes back', async () => {
  await post(address, '{"down": true}')
  await expect(post(front.url, '{}')).rejects.toThrow('ECONNREFUSED')
  await post(address, '{"down": false}')
  expect((await post(front.url, '{}')).status).toBe(502)
})

test('DELETE brings back the faults it started with', async () => {
  const response = await fetch(address, { method: 'DELETE' })
  expect(await response.json()).toMatchObject({ faults: { ...healthy, ...lag } })
})

test('what is wrong is said, and nothing is changed', async () => {
  const wrong = await post(address, '{"lagBlocks": "many", "down": true}')
  expect(wrong.status).toBe(400)
  expect(await wrong.json()).toMatchObject({
    error: expect.stringContaining('`lagBlocks` must be'),
  })
  expect(await (await post(address, '{')).json()).toEqual({ error: 'the body is not JSON' })
  expect(front.faults).toEqual({ ...healthy, ...lag })
})

test('an unknown front is answered with the known ones', async () => {
  const response = await post(`${steering.url}/fronts/local_one/bravo/nine`, '{}')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({
    error: expect.stringContaining('/fronts/local_one/bravo/two'),
  })
})

test('what needs a node is told so at the list of them', async () => {
  for (const method of ['DELETE', 'POST']) {
    const response = await fetch(`${steering.url}/fronts`, { method })
    expect(response.status).toBe(405)
    expect(await response.json()).toEqual({
      error: `${method} needs a node's path, such as /fronts/local_one/bravo/two: GET /fronts lists them all`,
    })
  }
  const put = await fetch(`${steering.url}/fronts`, { method: 'PUT' })
  expect(await put.json()).toMatchObject({
    error: expect.stringMatching(/^PUT is not served here/),
  })
})

test('a page in a browser cannot steer', async () => {
  const response = await post(address, '{"down": true}', { origin: 'https://example.org' })
  expect(response.status).toBe(403)
  expect(front.faults.down).toBeFalse()
})

test('other verbs are refused', async () => {
  expect((await fetch(address, { method: 'PUT', body: '{}' })).status).toBe(405)
})
