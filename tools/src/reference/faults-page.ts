import type { FaultDescription } from '@mooring/testkit/fronts/faults'
import { codeOf, pageOf, tableOf } from './markdown.ts'

/** Nodes that start with faults, by `{provider}/{node}`. */
type FaultyNodes = Readonly<Record<string, { does: string; faults: object }>>

/** The reference of what the nodes of the local network can be made to do wrong. */
export function faultsPage(faults: readonly FaultDescription[], faultyNodes: FaultyNodes): string {
  return pageOf('Faults of the local network', [
    'What the nodes of the local network can be made to do wrong while it runs. The network admin, on port 8547 unless another is named, tells the same: `curl localhost:8547/faults`. Source: `packages/testkit/src/fronts/faults.ts`.',
    tableOf(
      ['Fault', 'Values', 'Healthy', 'Meaning'],
      faults.map(({ name, allowed, healthy, meaning, values }) => [
        codeOf(name),
        allowed,
        codeOf(String(healthy)),
        values === undefined ? meaning : `${meaning} ${valuesWords(values)}`,
      ]),
    ),
    '## Setting and healing',
    'Each node has an address, `/fronts/{chain}/{provider}/{node}`; `curl localhost:8547/fronts` lists them all with the faults they have now. A POST sets the faults it names and leaves the others, a DELETE brings back those the node started with:',
    '```sh\ncurl -s -X POST localhost:8547/fronts/local_one/alpha/one -d \'{"failRatio":0.5,"failWith":"reset"}\'\ncurl -s -X DELETE localhost:8547/fronts/local_one/alpha/one\n```',
    'Some nodes start with a fault, so a DELETE leaves them with it, on each chain. A POST of the healthy values heals them:',
    tableOf(
      ['Node', 'What it does from the start', 'Healed by a POST of'],
      Object.entries(faultyNodes).map(([node, { does, faults: own }]) => [
        codeOf(node),
        does,
        codeOf(JSON.stringify(healthyOnes(faults, own))),
      ]),
    ),
  ])
}

function valuesWords(values: Readonly<Record<string, string>>): string {
  return `${Object.entries(values)
    .map(([value, meaning]) => `${codeOf(value)}: ${meaning}`)
    .join('; ')}.`
}

/** The value at which each of a node's faults is none. */
function healthyOnes(faults: readonly FaultDescription[], own: object): object {
  const named = faults.filter(({ name }) => Object.hasOwn(own, name))
  return Object.fromEntries(named.map(({ name, healthy }) => [name, healthy]))
}
