import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isPortForNodes } from './ports.ts'
import { findTarget, type TargetRules } from './target.ts'

const names: Record<string, string[]> = {
  'hook.example.org': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'inside.example.org': ['10.0.0.7'],
  'both.example.org': ['93.184.215.14', '127.0.0.1'],
  'mapped.example.org': ['::ffff:169.254.169.254'],
  localhost: ['127.0.0.1', '::1'],
}
const rules: TargetRules = {
  besides: 'nothing',
  resolve: async (host) => names[host] ?? Promise.reject(new Error('no such name')),
}

describe('what a stranger names may be', () => {
  test.each([
    ['https://hook.example.org/a?b=c', '93.184.215.14'],
    ['https://hook.example.org:443/', '93.184.215.14'],
    ['https://93.184.215.14/', '93.184.215.14'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  ])('at %s', async (url, address) => {
    expect(await findTarget(url, rules)).toMatchObject({ ok: true, target: { address } })
  })
})

describe('what a stranger names may not be', () => {
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
    'https://[::127.0.0.1]/',
    'https://[::7f00:1]/',
    'https://[::a00:1]/',
    'https://[::ffff:0:7f00:1]/',
    'https://[64:ff9b:1::7f00:1]/',
    'https://[fec0::1]/',
    'https://[4000::1]/',
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
  const local: TargetRules = { ...rules, besides: 'loopback' }
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
  const found = await findTarget('https://rebinding.example.org/', { ...rules, resolve })
  expect([asked, found]).toMatchObject([1, { target: { address: '93.184.215.14' } }])
})

describe('where private networks are allowed', () => {
  const local: TargetRules = { ...rules, besides: 'local', mayUsePort: isPortForNodes }
  test.each([
    'http://127.0.0.1:8545/',
    'http://10.0.0.1/',
    'https://192.168.7.7:22/',
    'http://inside.example.org:9000/',
    'http://[fd00:ec2::1]:8545/',
    'https://hook.example.org/',
  ])('%s is too', async (url) => {
    expect((await findTarget(url, local)).ok).toBeTrue()
  })
  test.each([
    'http://hook.example.org/',
    'https://both.example.org/',
    'http://169.254.169.254/latest/meta-data',
    'http://mapped.example.org/',
    'http://0.0.0.0:8545/',
    'http://224.0.0.1/',
    'ftp://127.0.0.1/',
  ])('%s is not', async (url) => {
    expect((await findTarget(url, local)).ok).toBeFalse()
  })
})

describe('a node may be at', () => {
  const nodes: TargetRules = { ...rules, mayUsePort: isPortForNodes }
  test.each([443, 1024, 8443, 8545, 65_535])('port %i', async (port) => {
    expect((await findTarget(`https://hook.example.org:${port}/`, nodes)).ok).toBeTrue()
  })
  test.each([1, 22, 25, 80, 1_023, 3_306, 5_432, 6_379, 11_211])('no port %i', async (port) => {
    expect(await findTarget(`https://hook.example.org:${port}/`, nodes)).toEqual({
      ok: false,
      problem: 'its port is not one that may be used',
    })
  })
})
