import { expect, test } from 'bun:test'
import { chainDefinitions } from '@mooring/chains/definitions'
import type { Chain } from 'viem'
import * as viemChains from 'viem/chains'

const theirs = new Map<number, Chain>(Object.values(viemChains).map((chain) => [chain.id, chain]))

/** Of our own: viem knows one of their ids as that of anvil. */
const local = ['local_one', 'local_two']

const ours = [...chainDefinitions.values()].filter((chain) => !local.includes(chain.name))

test.each(ours)('$name agrees with viem about its id, currency and kind', (chain) => {
  const other = theirs.get(chain.chainId)
  expect(other).toBeDefined()
  expect(other?.nativeCurrency.symbol.toLowerCase()).toBe(chain.currency.symbol.toLowerCase())
  expect(other?.nativeCurrency.decimals).toBe(chain.currency.decimals)
  expect(other?.testnet ?? false).toBe(chain.testnet)
})

test.each(ours)('$name bears the name viem knows its id by', (chain) => {
  const names = Object.values(viemChains)
    .filter((other) => other.id === chain.chainId)
    .flatMap((other) => wordsOf(other.name))
  expect(wordsOf(chain.title).some((word) => names.includes(word))).toBe(true)
})

function wordsOf(title: string): string[] {
  return title.toLowerCase().split(/\W+/)
}
