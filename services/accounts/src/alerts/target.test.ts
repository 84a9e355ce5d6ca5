import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { findTarget, type TargetRules } from './target.ts'

const names: Record<string, string[]> = {
  'hook.example.org': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'inside.example.org': ['10.0.0.7'],
  'both.example.org': ['93.184.215.14', '127.0.0.1'],
  'mapped.example.org': ['::ffff:169.254.169.254'],
  localhost: ['127.0.0.1', '::1'],
}
const rules: TargetRules = {
  allowLoopback: false,
  resolve: async (host) => names[host] ?? Promise.reject(new Error('no such name')),
}

describe('a webhook may be', () => {
  test.each([
    ['https://hook.example.org/a?b=c', '93.184.215.14'],
    ['https://hook.example.org:443/', '93.184.215.14'],
    ['https://93.184.215.14/', '93.184.215.14'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  ])('at %s', async (url, address) => {
    expect(await findTarget(url, rules)).toMatchObject({ ok: true, target: { address } })
  })
})

describe('a webhook may not be', () => {
  const refused = [
    'http://hook.example.org/',
    'ftp://hook.example.org/',
    'file:///etc/passwd',
    'https://hook.example.org:8443/',
    'https://hook.example.org:22/',
    'https://user:password@hook.example.org/',
    'https://nobody.example.org/',
    'https://inside.example.org/',
    'https://both.example.org/',
    'https://mapped.example.org/',
    'https://localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:53aa:64c:0:fffe:80ff:fffe]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'nonsense',
    '',
  ]
  test.each(refused)('at %p', async (url) => {
    expect((await findTarget(url, rules)).ok).toBeFalse()
  })

  test('at any private address, in whichever form', async () => {
    const inside = fc.constantFrom(0x7f000000, 0x0a000000, 0xc0a80000, 0xa9fe0000, 0xac100000)
    await fc.assert(
      fc.asyncProperty(
        inside,
        fc.nat(0xffff),
        fc.constantFrom('dec', 'hex', 'mapped'),
        async (net, low, form) => {
          const number = net + low
          const hex = number.toString(16).padStart(8, '0')
          const host = {
            dec: String(number),
            hex: `0x${hex}`,
            mapped: `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`,
          }[form]
          expect((await findTarget(`https://${host}/`, rules)).ok).toBeFalse()
        },
      ),
    )
  })
})

describe('where loopback is allowed', () => {
  const local = { ...rules, allowLoopback: true }
  test.each(['http://127.0.0.1:9000/', 'http://localhost:9000/', 'https://[::1]:1/'])(
    '%s is too',
    async (url) => {
      expect((await findTarget(url, local)).ok).toBeTrue()
    },
  )
  test.each([
    'http://10.0.0.1/',
    'http://hook.example.org/',
    'https://both.example.org/',
    'ftp://127.0.0.1/',
  ])('%s is not', async (url) => {
    expect((await findTarget(url, local)).ok).toBeFalse()
  })
})

test('a name is asked for once', async () => {
  let asked = 0
  const resolve = async () => (asked++ === 0 ? ['93.184.215.14'] : ['127.0.0.1'])
  const found = await findTarget('https://rebinding.example.org/', {
    allowLoopback: false,
    resolve,
  })
  expect([asked, found]).toMatchObject([1, { target: { address: '93.184.215.14' } }])
})
