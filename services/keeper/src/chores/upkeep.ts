import { paramNumbers } from '@mooring/abis/params'
import { least } from '@mooring/market/economy/money/mul-div'
import { callPart, readPart, type System } from '@mooring/onchain/contracts'
import { readMany } from '@mooring/onchain/read-many'
import type { TokenAmount } from '@mooring/protocol/units'
import type { Chore, ChoreParts, Turn } from '../chore.ts'
import { momentOf } from './moment.ts'

/** Roles of signer sets, which count from 1. */
const roles = [1, 2, 3] as const
const [delegation, selfStake] = [0, 1] as const
/** Of nodes, in the order of the contract. */
const draining = 5

/** What contracts leave to whoever comes by, where it harms nobody and nobody is paid for it. */
export function upkeepChore(parts: ChoreParts): Chore {
  return {
    name: 'upkeep',
    intervalMs: parts.config.intervals.upkeepMs,
    async round(turn) {
      await installSets(parts, turn)
      await checkSelfStakes(parts, turn)
      await retireNodes(parts, turn)
      await payIdleRewards(parts, turn)
    },
  }
}

/** Until somebody installs it, a set that was announced decides nothing. */
async function installSets({ system }: ChoreParts, turn: Turn): Promise<void> {
  for (const role of roles) {
    const [members, , installableAt] = await readPart(system, 'signerSets', 'announcedOf', [role])
    if (members.length === 0) continue
    const { timestamp } = await system.reader.getBlock()
    if (timestamp < installableAt) {
      turn.waitFor(`${momentOf(installableAt)}, when signer set ${role} can be installed`)
      continue
    }
    const call = callPart(system, 'signerSets', 'installSet', [role])
    const isDue = () => turn.isAllowed(call)
    if (!(await isDue())) turn.waitFor(`the bonds of all members of signer set ${role}`)
    else await turn.act({ what: `install signer set ${role}`, call, isDue })
  }
}

/** The pool does it whenever a stake falls; this is for when more stake is asked for than before. */
async function checkSelfStakes({ system }: ChoreParts, turn: Turn): Promise<void> {
  const [count, perNode, { number: blockNumber }] = await Promise.all([
    readPart(system, 'registry', 'providerCount', []),
    readPart(system, 'params', 'get', [paramNumbers.SelfStakePerNode]),
    system.reader.getBlock(),
  ])
  const ids = numbersTo(count)
  const [active, staked] = await Promise.all([
    readMany(
      system,
      { part: 'registry', functionName: 'activeNodesOf', blockNumber },
      ids.map((id) => [id] as const),
    ),
    readMany(
      system,
      { part: 'pool', functionName: 'activeOf', blockNumber },
      ids.map((id) => [id, selfStake] as const),
    ),
  ])
  for (const [at, id] of ids.entries()) {
    const nodes = BigInt(active[at]?.length ?? 0)
    // Rounds down, as the contract does: stake for a part of a node carries none.
    if (nodes === 0n || nodes <= (staked[at] ?? 0n) / perNode) continue
    await turn.act({
      what: `drain nodes of provider ${id} that its stake does not carry`,
      call: callPart(system, 'registry', 'checkSelfStake', [id]),
      isDue: async () => {
        const nodesNow = await readPart(system, 'registry', 'activeNodesOf', [id])
        const stakeNow = await readPart(system, 'pool', 'activeOf', [id, selfStake])
        return BigInt(nodesNow.length) > stakeNow / perNode
      },
    })
  }
}

/** Nodes short of stake whose time to be topped up is over. */
async function retireNodes({ system }: ChoreParts, turn: Turn): Promise<void> {
  const [count, { number: blockNumber, timestamp }] = await Promise.all([
    readPart(system, 'registry', 'nodeCount', []),
    system.reader.getBlock(),
  ])
  const ids = numbersTo(count)
  const nodes = await readMany(
    system,
    { part: 'registry', functionName: 'nodeOf', blockNumber },
    ids.map((id) => [id] as const),
  )
  for (const [at, id] of ids.entries()) {
    const node = nodes[at]
    if (node === undefined || node.status !== draining || node.retireAt === 0n) continue
    if (node.retireAt > timestamp) continue
    const call = callPart(system, 'registry', 'retireNode', [id])
    await turn.act({
      what: `retire node ${id}, which is short of stake`,
      call,
      isDue: () => turn.isAllowed(call),
    })
  }
}

/** What streamed while nobody delegated is the provider's. */
async function payIdleRewards({ system, config }: ChoreParts, turn: Turn): Promise<void> {
  const ids = numbersTo(await readPart(system, 'registry', 'providerCount', []))
  for (const id of await findIdle(system, ids, config.ankrMin)) {
    await turn.act({
      what: `pay idle rewards to provider ${id}`,
      call: callPart(system, 'pool', 'payIdleReward', [id]),
      isDue: async () => (await findIdle(system, [id], config.ankrMin)).length > 0,
    })
  }
}

/** Providers whose idle rewards are that much. */
async function findIdle(
  system: System,
  ids: readonly bigint[],
  amountMin: TokenAmount,
): Promise<bigint[]> {
  const { number: blockNumber, timestamp } = await system.reader.getBlock()
  const [rewards, delegated] = await Promise.all([
    readMany(
      system,
      { part: 'pool', functionName: 'rewardsOf', blockNumber },
      ids.map((id) => [id] as const),
    ),
    readMany(
      system,
      { part: 'pool', functionName: 'activeOf', blockNumber },
      ids.map((id) => [id, delegation] as const),
    ),
  ])
  return ids.filter((_, at) => {
    const [, stream] = rewards[at] ?? []
    if (stream === undefined) return false
    const until = least(timestamp, stream.end)
    const isFlowing = delegated[at] === 0n && until > stream.settledAt
    const since = isFlowing ? stream.rate * (until - stream.settledAt) : 0n
    return stream.idle + since >= amountMin
  })
}

function numbersTo(count: bigint): bigint[] {
  return Array.from({ length: Number(count) }, (_, at) => BigInt(at + 1))
}
