import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseUpstreamAddress, requestOf as requestTextOf } from './upstream-address.ts'

const addressOf = (url: string, headers: Record<string, string> = {}) =>
  parseUpstreamAddress(new URL(url), { headers, ca: undefined })

/** The bytes of a request, of which there are as many as it says. */
function requestOf(...given: Parameters<typeof requestTextOf>): Buffer {
  const { text, bytes } = requestTextOf(...given)
  const request = Buffer.from(text)
  expect(request.length).toBe(bytes)
  return request
}

test('host, port and server name follow from the address', () => {
  expect(addressOf('http://node.example/')).toMatchObject({
    host: 'node.example',
    port: 80,
    tls: undefined,
  })
  expect(addressOf('https://node.example:8443/')).toMatchObject({
    port: 8443,
    tls: { serverName: 'node.example' },
  })
  expect(addressOf('https://[::1]/')).toMatchObject({ host: '::1', port: 443, tls: {} })
  expect(addressOf('https://127.0.0.1/').tls).toEqual({ rejectUnauthorized: true })
})

test('the head names path, query, host with its port, and the length in bytes', () => {
  const head = requestOf(addressOf('http://[::1]:8545/v1/key?a=b%20c#x'), '"é"').toString()
  expect(head).toStartWith('POST /v1/key?a=b%20c HTTP/1.1\r\nhost: [::1]:8545\r\n')
  expect(head).toEndWith('\r\ncontent-length: 4\r\n\r\n"é"')
  expect(head).toContain('\r\naccept-encoding: gzip\r\n')
  expect(requestOf(addressOf('https://node.example:443/'), '').toString()).toContain(
    '\r\nhost: node.example\r\n',
  )
})

test('a user and password in the address become basic credentials', () => {
  const credentialsOf = (url: string, headers?: Record<string, string>) =>
    /authorization: (.*)\r\n/.exec(requestOf(addressOf(url, headers), '').toString())?.[1]
  expect(credentialsOf('http://me:p%40ss%3A@h/')).toBe(`Basic ${btoa('me:p@ss:')}`)
  expect(credentialsOf('http://me:100%@h/')).toBe(`Basic ${btoa('me:100%')}`)
  expect(credentialsOf('http://h/')).toBeUndefined()
  expect(credentialsOf('http://me:x@h/', { Authorization: 'Bearer t' })).toBe('Bearer t')
})

test('own headers are added or replace ours, but none may change where a message ends', () => {
  const request = requestOf(addressOf('http://h/', { 'X-Key': 'k', Host: 'other' }), '').toString()
  expect(request).toContain('\r\nx-key: k\r\n')
  expect(request).toContain('\r\nhost: other\r\n')
  for (const name of ['Content-Length', 'transfer-encoding', 'Connection', 'expect']) {
    expect(() => addressOf('http://h/', { [name]: '1' })).toThrow(name.toLowerCase())
  }
  expect(() => addressOf('http://h/', { a: 'b\r\nc: d' })).toThrow('not well formed')
  expect(() => addressOf('http://h/', { 'a b': 'c' })).toThrow('not well formed')
  expect(() => addressOf('ftp://h/')).toThrow('ftp:')
})

test('property: the stated length is that of the bytes behind the head, for any body', () => {
  const address = addressOf('http://h/')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(0xffff), (text, code) => {
      // A lone half of a surrogate pair has no UTF-8 of its own.
      const request = requestOf(address, text + String.fromCharCode(code))
      const headEnd = request.indexOf('\r\n\r\n')
      const stated = /content-length: (\d+)$/.exec(request.toString('latin1', 0, headEnd))?.[1]
      expect(Number(stated)).toBe(request.length - headEnd - 4)
    }),
    { numRuns: 200 },
  )
})
