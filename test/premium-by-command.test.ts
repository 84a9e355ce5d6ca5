import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { startWorld, type World } from './premium-by-command/world.ts'

// A whole network starts here, on a machine that may have other work.
setDefaultTimeout(120_000)

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

test('the demo goes from a fresh wallet to a premium answer, and everything holds', async () => {
  const { exitCode, stdout } = await world.run(1, ['demo', 'premium', '--json'])
  const { ok, chapters } = JSON.parse(stdout)
  expect(chapters.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    Array.from({ length: 14 }, () => 'ok'),
  )
  expect({ exitCode, ok }).toEqual({ exitCode: 0, ok: true })
})
