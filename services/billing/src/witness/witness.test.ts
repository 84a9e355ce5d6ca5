import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { resolve } from 'node:path'
import type { CopyList } from '@mooring/protocol/metering/copies'
import { loadSettings } from '@mooring/settings/load'
import { startWitnessProcess, type WitnessProcess } from '@mooring/testkit/witness'
import { configSchema } from './config.ts'
import { headOf, textOfFrames } from './copies.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const example = resolve(import.meta.dir, '../../../../docs/witness.example.yaml')
let witness: WitnessProcess
beforeEach(async () => {
  witness = await startWitnessProcess()
})
afterEach(() => witness.stop())

const path = '/v1/copies/gw-1/7'
async function post(body: string, to = path): Promise<{ status: number; body: unknown }> {
  const response = await witness.ask(to, { method: 'POST', body })
  return { status: response.status, body: await response.json() }
}

test('a witness that is killed has all that it has said to have', async () => {
  expect(await post(textOfFrames(headOf(), [1, 2]))).toEqual({ status: 200, body: { last: 2 } })
  expect(await post(textOfFrames(headOf(), [3]))).toEqual({ status: 200, body: { last: 3 } })
  const { port } = new URL(witness.url)
  process.kill(witness.pid, 'SIGKILL')
  await using again = await startWitnessProcess({
    ...{ credential: witness.credential, directory: witness.directory },
    port: Number(port) + 1,
  })
  expect(await (await again.ask(`${path}?after=1`)).text()).toBe(textOfFrames(headOf(), [2, 3]))
})

test('what does not come whole, is no copy or is too long is refused with the reason', async () => {
  const whole = textOfFrames(headOf(), [1])
  const malformed = (detail: string) => ({
    status: 409,
    body: { error: 'malformed', last: 0, detail },
  })
  expect(await post(whole.slice(0, -5))).toEqual(malformed('the last line has no end'))
  expect(await post('')).toEqual(malformed('the last line has no end'))
  expect(await post(whole.replace('eth_call', 'eth_cell'))).toEqual(
    malformed('a wrong sum in line 2 of 2'),
  )
  const [, frame = ''] = whole.split(/(?<=\n)/)
  expect(await post(frame)).toEqual(malformed('a head comes first, then frames'))
  expect(await post(`${'x'.repeat(16 * 1_048_576 + 1)}\n`)).toEqual(
    malformed('the body is over 16777216 bytes'),
  )
  for (const [to, words] of [
    ['/v1/copies/..%2Fgw/7', 'the instance is a name'],
    ['/v1/copies/gw-1/0', 'the epoch is a number'],
  ] as const) {
    const refused = await post(whole, to)
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).toContain(words)
  }
  expect((await witness.ask(`${path}?after=x`)).status).toBe(400)
  // The witness writes it.
  const list = (await (await witness.ask('/v1/copies')).json()) as CopyList
  expect(list).toEqual({ copies: [] })
})

test('nobody without the credential reads, writes or deletes', async () => {
  await post(textOfFrames(headOf(), [1]))
  for (const [method, to] of [
    ['GET', '/v1/copies'],
    ['GET', `${path}?after=0`],
    ['POST', path],
    ['DELETE', `${path}?upTo=9`],
  ] as const) {
    const body = method === 'POST' ? { body: textOfFrames(headOf(), [2]) } : {}
    for (const headers of [{}, { authorization: 'Bearer of-something-else-0123456789abcdef' }]) {
      const response = await fetch(`${witness.url}${to}`, { method, headers, ...body })
      expect(response.status).toBe(401)
    }
  }
  expect(await (await witness.ask(`${path}?after=0`)).text()).toBe(textOfFrames(headOf(), [1]))
})

test('what is not there is said by a witness, and forgetting it twice is the same', async () => {
  const absent = await witness.ask(`${path}?after=0`)
  expect([absent.status, await absent.json()]).toEqual([404, { error: 'absent' }])
  await post(textOfFrames(headOf(), [1]))
  for (let time = 0; time < 2; time++) {
    expect((await witness.ask(`${path}?upTo=1`, { method: 'DELETE' })).status).toBe(200)
  }
  expect((await witness.ask(`${path}?after=0`)).status).toBe(404)
  expect(await (await fetch(`${witness.url}/metrics`)).text()).toContain('witness_copies 0')
})

test('the example is a configuration', async () => {
  const loaded = await loadSettings(configSchema, example, { WITNESS_CREDENTIAL: 'x'.repeat(32) })
  expect(loaded).toMatchObject({ ok: true, settings: { listen: { port: 8590 } } })
})

test('two witnesses do not share a directory', async () => {
  expect(startWitnessProcess({ directory: witness.directory })).rejects.toThrow(
    'every process needs a directory of its own',
  )
})
