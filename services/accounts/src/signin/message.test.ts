import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createSiweMessage } from 'viem/siwe'
import { clockLeewayMs, messageAgeMsMax, readSignInMessage } from './message.ts'

const nowMs = Date.UTC(2026, 5, 1, 12)
const rules = {
  chainId: 1,
  origins: ['https://app.example.org', 'http://localhost:8545'],
  nowMs,
}
const nonce = '0123456789abcdef0123456789abcdef'
const fields = {
  address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  chainId: 1,
  domain: 'app.example.org',
  uri: 'https://app.example.org/account',
  nonce,
  version: '1',
  statement: 'Sign in to Mooring.',
  issuedAt: new Date(nowMs),
} as const

function read(changes: Partial<Parameters<typeof createSiweMessage>[0]> = {}) {
  return readSignInMessage(createSiweMessage({ ...fields, ...changes }), rules)
}

describe('a message is taken', () => {
  const right: [string, Parameters<typeof read>[0]][] = [
    ['as pages write it', {}],
    ['without a statement', { statement: undefined }],
    ['with its scheme', { scheme: 'https' }],
    ['from another page that is known', { domain: 'localhost:8545', uri: 'http://localhost:8545' }],
    [
      'with all that may stand there',
      {
        expirationTime: new Date(nowMs + 1),
        notBefore: new Date(nowMs),
        requestId: 'r-1',
        resources: ['https://app.example.org/terms', 'ipfs://terms'],
      },
    ],
    ['from a clock that is a little ahead', { issuedAt: new Date(nowMs + clockLeewayMs) }],
    ['as long as its nonce may live', { issuedAt: new Date(nowMs - messageAgeMsMax) }],
  ]
  test.each(right)('%s', (_name, changes) => {
    expect(read(changes)).toMatchObject({ ok: true, nonce, address: fields.address })
  })
})

describe('a message is refused', () => {
  const hoursMs = 2 * 3_600_000
  const wrong: [string, Parameters<typeof read>[0], string][] = [
    [
      'from a page that nobody knows',
      { domain: 'evil.example', uri: 'https://evil.example' },
      'domain',
    ],
    ['from a page below one that is known', { domain: 'x.app.example.org' }, 'domain'],
    ['from another port', { domain: 'app.example.org:8443' }, 'domain'],
    ['whose URI is of another page', { uri: 'https://evil.example/' }, 'URI'],
    ['whose URI is of another scheme', { uri: 'http://app.example.org/' }, 'URI'],
    ['whose scheme is another one', { scheme: 'http' }, 'scheme'],
    ['of another chain', { chainId: 10 }, 'chain'],
    ['with a nonce of another form', { nonce: 'abcdefgh' }, 'nonce'],
    ['issued two hours ago', { issuedAt: new Date(nowMs - hoursMs) }, 'too long ago'],
    ['issued in two hours', { issuedAt: new Date(nowMs + hoursMs) }, 'in the future'],
    ['that has expired', { expirationTime: new Date(nowMs) }, 'expired'],
    ['that is not valid yet', { notBefore: new Date(nowMs + hoursMs) }, 'not valid yet'],
    ['of no end', { statement: 'x'.repeat(2_048) }, 'longer'],
  ]
  test.each(wrong)('%s', (_name, changes, problem) => {
    expect(read(changes)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
  })

  const text = createSiweMessage(fields)
  const odd: [string, string][] = [
    ['with a line that no field has', text.replace('\nVersion', '\nAllow: everything\nVersion')],
    ['with something behind it', `${text}\nand give me all of it`],
    ['with something before it', `Dear wallet,\n${text}`],
    ['whose fields stand in another order', text.replace(/(Nonce: .*)\n(Issued At: .*)/, '$2\n$1')],
    ['with a field twice', text.replace('\nNonce', '\nChain ID: 1\nNonce')],
    ['of another version', text.replace('Version: 1', 'Version: 2')],
    ['whose address has no checksum', text.replace(fields.address, fields.address.toLowerCase())],
    ['whose time is none', text.replace(/Issued At: .*/, 'Issued At: yesterday')],
    [
      'whose time is of a form that only some read',
      text.replace(/Issued At: .*/, 'Issued At: 2026-06-01'),
    ],
    ['whose expiration is none', `${text}\nExpiration Time: never`],
    ['that says not before never', `${text}\nNot Before: never`],
    ['with a statement of two lines', text.replace('Mooring.', 'Mooring.\nAnd more.')],
    ['with lines that end in two characters', text.replaceAll('\n', '\r\n')],
    ['that is empty', ''],
  ]
  test.each(odd)('%s', (_name, message) => {
    expect(readSignInMessage(message, rules).ok).toBeFalse()
  })

  test('when any one character of what matters is another', () => {
    // All but the statement, which may say anything.
    const free = [
      text.indexOf(fields.statement),
      text.indexOf(fields.statement) + fields.statement.length,
    ]
    const whole = readSignInMessage(text, rules)
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, character) => {
          if (text[at] === character || (at >= free[0]! && at < free[1]!)) return
          const changed = readSignInMessage(
            text.slice(0, at) + character + text.slice(at + 1),
            rules,
          )
          // What passes says something else that is allowed: another nonce, another time, another page of the origin.
          if (changed.ok)
            expect({ ...changed, nonce: '', domain: '' }).toEqual({
              ...whole,
              nonce: '',
              domain: '',
            } as never)
        },
      ),
    )
  })

  test('for any text, without throwing', () => {
    fc.assert(fc.property(fc.string(), (any) => !readSignInMessage(any, rules).ok))
  })
})
