import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  formatNodeMetadata,
  metadataUriBytesMax,
  parseNodeMetadata,
  textOfDataUri,
  toDataUri,
} from './node-metadata.ts'

const signature = `0x${'ab'.repeat(65)}` as const
const text = fc.string({ maxLength: 200 })
const metadata = fc.record(
  {
    mooring: fc.constant(1 as const),
    name: text,
    website: text,
    contact: text,
    endpoints: fc.array(
      fc.record({
        nodeId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        url: fc.webUrl(),
        agent: fc.boolean(),
        community: fc.boolean(),
        signature: fc.constant(signature),
      }),
      { maxLength: 5 },
    ),
  },
  { requiredKeys: ['mooring', 'endpoints'] },
)

describe('a document of a provider', () => {
  test('is read as it was written, also out of a URI', () => {
    fc.assert(
      fc.property(metadata, (said) => {
        const document = formatNodeMetadata(said)
        expect(parseNodeMetadata(document)).toEqual(said)
        expect(textOfDataUri(toDataUri(document))).toBe(document)
      }),
    )
  })

  test('may say more than is known', () => {
    const text = '{"mooring":1,"colour":"blue","endpoints":[]}'
    expect(parseNodeMetadata(text)).toEqual({ mooring: 1, endpoints: [] })
  })

  test.each([
    ['{}', 'mooring'],
    ['{"mooring":2}', 'is no version that is known'],
    ['{"mooring":1,"endpoints":[{"nodeId":1,"url":"x","signature":"0x00"}]}', 'endpoints.0.nodeId'],
    ['{"mooring":1,"endpoints":[{"nodeId":"1","url":"x"}]}', 'endpoints.0.signature is missing'],
    [
      `{"mooring":1,"endpoints":[{"nodeId":"1","url":"x","community":"no","signature":"${signature}"}]}`,
      'endpoints.0.community',
    ],
    [`{"mooring":1,"name":"${'x'.repeat(201)}"}`, 'name is longer than 200 characters'],
    ['[]', 'the file'],
  ])('is refused as %s', (document, why) => {
    expect(() => parseNodeMetadata(document)).toThrow(why)
  })

  test('with one endpoint is short enough to stand on chain whole', () => {
    const url = `https://${'n'.repeat(60)}.example.org:8443/{chain}`
    const document = formatNodeMetadata({
      mooring: 1,
      endpoints: [{ nodeId: 1_000_000n, url, agent: true, community: true, signature }],
    })
    expect(toDataUri(document).length).toBeLessThanOrEqual(metadataUriBytesMax)
  })
})

describe('a data URI', () => {
  test.each([
    ['data:application/json,{"a":1}', '{"a":1}'],
    ['data:application/json,%7B%22a%22%3A1%7D', '{"a":1}'],
    ['data:application/json;charset=utf-8;base64,eyJhIjoxfQ==', '{"a":1}'],
  ])('%s holds %s', (uri, held) => {
    expect(textOfDataUri(uri)).toBe(held)
  })

  test.each(['data:text/html,x', 'data:application/json', 'data:application/json,%', 'https://x'])(
    'is not %s',
    (uri) => {
      expect(textOfDataUri(uri)).toBeUndefined()
    },
  )
})
