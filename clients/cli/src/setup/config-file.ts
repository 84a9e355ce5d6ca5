import { Document, isMap, isScalar } from 'yaml'
import type { FoundUpstream } from './examine.ts'

export type NamedUpstream = FoundUpstream & { name: string }

/** The gateway's own defaults stand in the file too, so that who reads it sees what can be turned. */
export const listen = { host: '127.0.0.1', port: 8545 }
export const admin = { host: '127.0.0.1', port: 8546 }
const community = {
  requestsPerSecond: 30,
  burstRequests: 60,
  batchMax: 10,
  logsRangeBlocksMax: 1_000,
}

const chainsComment = ` API keys and their tiers: community, premium or enterprise.
 keys:
   - name: my-dapp
     key: \${MY_DAPP_KEY}
     tier: premium

 The chains to serve, each with its upstreams. More upstreams of different providers make a
 chain faster and harder to interrupt. \`npx mooring chains\` lists the names.
 type: archive holds all old state, full holds recent state.`

/** Gives each upstream a name that is unique with its provider within its chain. */
export function nameUpstreams(upstreams: readonly FoundUpstream[]): NamedUpstream[] {
  const counts = new Map<string, number>()
  return upstreams.map((upstream) => {
    const group = `${upstream.definition.name}/${upstream.provider}`
    const count = (counts.get(group) ?? 0) + 1
    counts.set(group, count)
    return { ...upstream, name: `node-${count}` }
  })
}

/**
 * A gateway configuration that explains itself.
 *
 * @param file - Its name, for the commands in its first lines.
 */
export function encodeConfig(upstreams: readonly NamedUpstream[], file: string): string {
  const byChain = Map.groupBy(upstreams, ({ definition }) => definition)
  const chains = Object.fromEntries(
    [...byChain].map(([{ name }, members]) => [name, { upstreams: members.map(upstreamEntry) }]),
  )
  const document = new Document({ listen, admin, tiers: { community }, chains })
  document.commentBefore = ` Configuration of a Mooring gateway.
 Check it:  npx mooring config check ${file}
 Run it:    npx mooring gateway --config ${file}
 \${VARIABLE} in a URL or a key is read from the environment, so that no secret need stand here.`
  comment(document, ['listen'], ' Where consumers connect; host 0.0.0.0 is every interface.')
  comment(document, ['admin'], ' Metrics, health and traces: for operators, not for the internet.')
  comment(document, ['tiers'], ' What one client IP may do without a key.')
  comment(document, ['chains'], chainsComment)
  for (const { name, title, chainId } of byChain.keys()) {
    const endpoint = `http://${listen.host}:${listen.port}/${name}`
    comment(document, ['chains', name], ` ${title}, chain id ${chainId}: ${endpoint}`)
  }
  return document.toString({ lineWidth: 0 })
}

function upstreamEntry({ provider, name, url, type }: NamedUpstream): object {
  return { provider, name, url, type }
}

/** Puts a comment above the key a path leads to. */
function comment(document: Document, path: readonly string[], text: string): void {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1))
  if (!isMap(parent)) return
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
  if (!isScalar(pair?.key)) return
  pair.key.commentBefore = text
  // The document's own comment brings a blank line of its own.
  pair.key.spaceBefore = path.length === 1 && pair !== parent.items[0]
}
