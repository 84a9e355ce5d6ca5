import { expect, test } from 'bun:test'
import { chainPlans, faultyNodes, verifierNodesOf } from './plan.ts'

const namesFor = (at: number) =>
  verifierNodesOf(chainPlans[0]?.fronts ?? [], at).map(
    ({ provider, node }) => `${provider}/${node}`,
  )

test('each verifier asks two sound nodes of two providers that no other verifier asks', () => {
  const all = [0, 1, 2].map(namesFor)
  expect(new Set(all.flat()).size).toBe(6)
  for (const names of all) {
    expect(new Set(names.map((name) => name.split('/')[0])).size).toBe(2)
    expect(names.filter((name) => name in faultyNodes)).toEqual([])
  }
})

test('where there are few nodes, verifiers share them', () => {
  const nodes = [
    { provider: 'alpha', node: 'one' },
    { provider: 'bravo', node: 'one' },
  ]
  expect(verifierNodesOf(nodes, 0)).toEqual(nodes)
  expect(verifierNodesOf(nodes, 2)).toEqual(nodes)
})
