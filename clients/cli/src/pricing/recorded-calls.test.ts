import { describe, expect, test } from 'bun:test'
import { recordedCallsIn } from './recorded-calls.ts'

const found = (text: string) => {
  const { source, counts, skipped } = recordedCallsIn(text, 'calls')
  return { source, skipped, counts: Object.fromEntries(counts) }
}
const request = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })

describe('calls are found in', () => {
  test('one request and in a batch, whatever the method is called', () => {
    expect(found(request('eth_call'))).toEqual({
      source: 'json',
      skipped: 0,
      counts: { eth_call: 1 },
    })
    const batch = `[\n${request('eth_call')},\n${request('getSlot')},\n${request('eth_call')}]`
    expect(found(batch).counts).toEqual({ eth_call: 2, getSlot: 1 })
  })

  test('a file with a request or a batch a line, empty lines aside', () => {
    const text = `${request('eth_call')}\r\n\n[${request('eth_call')},${request('eth_getLogs')}]\n`
    expect(found(text)).toEqual({
      source: 'jsonLines',
      skipped: 0,
      counts: { eth_call: 2, eth_getLogs: 1 },
    })
  })

  test('the requests of a HAR; everything else in it is left out', () => {
    const entry = (text?: string) => ({ request: text === undefined ? {} : { postData: { text } } })
    const entries = [
      entry(request('eth_call')),
      entry(`[${request('eth_getLogs')}]`),
      entry(),
      entry('q=1'),
      entry('{"event":"click"}'),
      null,
    ]
    expect(found(JSON.stringify({ log: { entries } }))).toEqual({
      source: 'har',
      skipped: 4,
      counts: { eth_call: 1, eth_getLogs: 1 },
    })
  })

  test('any other text: known names in quotes of one kind, also escaped ones', () => {
    const text = [
      `await provider.send("eth_call", [x])`,
      'client.request({ method: `ankr_getBlocks` })',
      `curl -d '{"method":"eth_call"}'`,
      String.raw`fetch(url, { body: "{\"method\":\"trace_block\"}" })`,
      `eth_getLogs is not in quotes, "my_function" is no method, "eth_chainId' is not closed`,
    ].join('\n')
    expect(found(text)).toEqual({
      source: 'text',
      skipped: 0,
      counts: { eth_call: 2, ankr_getBlocks: 1, trace_block: 1 },
    })
  })
})

describe('what holds no calls is refused with the way on:', () => {
  test.each([
    ['nothing', ' \n', 'calls is empty'],
    ['an empty batch', '[]', 'calls holds no calls: its batch is empty'],
    ['other JSON', '{"name":"x"}', 'no JSON-RPC request'],
    ['a batch with something else in it', `[${request('eth_call')},7]`, 'no JSON-RPC request'],
    ['a number', '7', 'no JSON-RPC request'],
    ['JSON that breaks off', '{"method":"eth_call"', 'line 1 is no JSON'],
    ['a line that is none', `${request('eth_call')}\nnot json`, 'line 2 is no JSON'],
    ['a line of other JSON', `${request('eth_call')}\n{"a":1}`, 'line 2 is no JSON-RPC request'],
    ['a HAR without requests', '{"log":{"entries":[]}}', 'no entry has a JSON-RPC request'],
    ['a script that uses a library', 'client.getBalance()', 'record the requests they send'],
  ])('%s', (_, text, says) => {
    expect(() => recordedCallsIn(text, 'calls')).toThrow(says)
  })
})
