import { afterEach, expect, test } from 'bun:test'
import {
  type Script,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import { readHead } from './head.ts'
import { createSources } from './sources.ts'

const opened: ScriptedUpstream[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]()
})

function sourcesOf(scripts: Script[], questionTimeoutMs = 5_000) {
  const urls = scripts.map((script) => {
    const upstream = startScriptedUpstream(script)
    opened.push(upstream)
    return `${upstream.url}/a-key-in-the-path`
  })
  return createSources({ urls, chainId: 1, questionTimeoutMs, differPauseMs: 1 })
}

const says =
  (block: string): Script =>
  ({ method }) =>
    method === 'eth_blockNumber' ? { result: block } : { result: '0x1' }

test('what all sources say alike is the answer', async () => {
  const sources = sourcesOf([says('0x5'), says('0x5'), says('0x05')])
  const answer = await sources.askBoth(async (reader) => ({ block: await reader.getBlockNumber() }))
  expect(answer).toEqual({ ok: true, value: { block: 5n } })
})

test('the third of three sources is heard as well', async () => {
  const sources = sourcesOf([says('0x5'), says('0x5'), says('0x6')])
  const answer = await sources.askBoth((reader) => reader.getBlockNumber())
  expect(answer).toMatchObject({ ok: false, code: 'SOURCES_DIFFER' })
  expect(opened.map(({ requests }) => requests.length)).toEqual([2, 2, 2])
})

test('a source that refuses is no source that agrees, and what it refuses with is not told', async () => {
  const refuses: Script = () => ({ error: { code: -32_000, message: 'at a-key-in-the-path' } })
  const sources = sourcesOf([says('0x5'), refuses])
  expect(await sources.askBoth((reader) => reader.getBlockNumber())).toEqual({
    ...{ ok: false, code: 'SOURCE_UNREACHABLE' },
    detail: 'source 2 of this verifier answered what makes no sense; try again later',
  })
})

test('the deadline is for a question as a whole, however many calls it makes', async () => {
  const dripping: Script = async (request) => {
    await Bun.sleep(60)
    return says('0x5')(request)
  }
  const sources = sourcesOf([says('0x5'), dripping], 200)
  const many = await sources.askBoth(async (reader) => {
    for (let call = 0; call < 50; call++) await reader.getBlockNumber()
    return 'all'
  })
  expect(many).toEqual({
    ...{ ok: false, code: 'SOURCE_UNREACHABLE' },
    detail: 'source 2 of this verifier did not answer in time; try again later',
  })
})

test('the head is the lowest of all, and so is what is final', async () => {
  const chain =
    (head: string, final: string | null): Script =>
    ({ method }) => {
      if (method === 'eth_chainId') return { result: '0x1' }
      if (method === 'eth_blockNumber') return { result: head }
      return { result: final === null ? null : { number: final, transactions: [] } }
    }
  const three = [chain('0x9', '0x3'), chain('0x7', '0x4'), chain('0x8', '0x6')]
  expect(await readHead(sourcesOf(three))).toEqual({
    ...{ ok: true, value: { block: 7n, finalBlock: 3n } },
  })
  const unsure = [chain('0x9', '0x3'), chain('0x9', null)]
  expect(await readHead(sourcesOf(unsure))).toEqual({
    ...{ ok: true, value: { block: 9n, finalBlock: undefined } },
  })
})
