import { expect, test } from 'bun:test'
import { agreedGenesis } from './genesis.ts'

const claim = (provider: string, genesisHash: string) => ({ provider, genesisHash })

test('the first block that is heard of is taken, and what most providers name of several', () => {
  const start = { known: undefined, providers: 3 }
  expect(agreedGenesis([], start)).toBeUndefined()
  expect(agreedGenesis([claim('alpha', '0xa')], start)).toBe('0xa')
  const claims = [claim('alpha', '0xa'), claim('bravo', '0xb'), claim('charlie', '0xb')]
  expect(agreedGenesis(claims, start)).toBe('0xb')
})

test('a known first block stands against one provider with many nodes', () => {
  const known = { known: '0xa', providers: 3 }
  const claims = [claim('alpha', '0xb'), claim('alpha', '0xb'), claim('alpha', '0xb')]
  expect(agreedGenesis(claims, known)).toBe('0xa')
  expect(agreedGenesis([], known)).toBe('0xa')
})

test('a known first block stands while as many providers still name it', () => {
  const claims = ['alpha', 'bravo'].map((provider) => claim(provider, '0xa'))
  const others = ['charlie', 'delta'].map((provider) => claim(provider, '0xb'))
  expect(agreedGenesis([...others, ...claims], { known: '0xa', providers: 4 })).toBe('0xa')
})

test('two providers, or the only one there is, start a chain anew', () => {
  const two = [claim('alpha', '0xb'), claim('bravo', '0xb'), claim('charlie', '0xa')]
  expect(agreedGenesis(two, { known: '0xa', providers: 3 })).toBe('0xb')
  expect(agreedGenesis([claim('alpha', '0xb')], { known: '0xa', providers: 1 })).toBe('0xb')
})
