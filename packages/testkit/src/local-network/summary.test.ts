import { expect, test } from 'bun:test'
import { chainPlans, faultyNodes } from './plan.ts'
import { type NetworkSummary, summaryText } from './summary.ts'

const summary: NetworkSummary = {
  gateway: 'http://127.0.0.1:1',
  admin: 'http://127.0.0.1:2',
  networkAdmin: 'http://127.0.0.1:3',
  pid: 4,
  processes: {},
  premiumKey: 'key',
  fundedAccount: { address: '0x', privateKey: '0x' },
  chains: Object.fromEntries(
    chainPlans.map(({ definition: { name, chainId }, fronts }) => [
      name,
      {
        ...{ chainId, endpoint: `http://127.0.0.1:1/${name}`, anvil: '', demoToken: '' },
        fronts: fronts.map(({ provider, node }) => ({ provider, node, url: '' })),
      },
    ]),
  ),
}

test('the summary says which nodes have faults, and those are the ones that start with them', () => {
  const text = summaryText(summary)
  for (const { fronts } of chainPlans) {
    const faulty = fronts.filter(({ faults }) => faults !== undefined)
    const names = faulty.map(({ provider, node }) => `${provider}/${node}`)
    expect(names).toEqual(Object.keys(faultyNodes))
  }
  expect(text).toContain('9 for each chain')
  expect(text).toContain('charlie/two fails one request in five')
  expect(faultyNodes['charlie/two']?.faults.failRatio).toBe(1 / 5)
})

test('a command is named as it is typed in a clone', () => {
  expect(summaryText(summary)).not.toMatch(/(?<!npx )\bmooring (?:up|upstreams|call)\b/)
  expect(summaryText(summary)).toContain('npx mooring upstreams')
})
