import type { Hex } from '@mooring/market/settlement/bytes'
import { hashOf, keccak, receiptOf, smallInputs } from '@mooring/market/settlement/epoch.fixtures'
import { asPrevious, type EpochFile } from '@mooring/market/settlement/epoch-data'
import { createEpochFile, encodeEpochFile } from '@mooring/market/settlement/epoch-file'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { formatNodeMetadata, toDataUri } from '@mooring/onchain/node-metadata'
import { epochData, signAll } from '@mooring/onchain/signed'
import type { Database } from '@mooring/store/database'
import { saveEpochFile } from '@mooring/store/ledger/epoch-files'
import type { Anvil } from './anvil.ts'
import { membersOf, officer, player } from './economy/people.ts'
import { carryOut, openNode, openProvider, stakePerNode } from './economy/providers.ts'
import type { LocalEconomy } from './economy/start.ts'

const oneAnkr = 10n ** 18n
export const delegation = stakePerNode / 2n
/** What a stranger may call himself. */
export const hostileName = '<img src=x onerror="document.title=1">\u202e'

/**
 * Two providers with a node each that serves `eth`, the first with a delegation; two epochs, the first of them empty and
 * posted, the second one made. In it the node of the first provider did all that nodes did, and the other one nothing.
 */
export async function playNetwork(
  economy: LocalEconomy,
  anvil: Anvil,
  database: Database,
): Promise<{ posted: EpochFile; made: EpochFile }> {
  const name = formatNodeMetadata({ mooring: 1, name: hostileName, endpoints: [] })
  await openServing(economy, 1, { commissionPpm: 100_000n, metadataUri: toDataUri(name) })
  await openServing(economy, 2, { commissionPpm: 0n, metadataUri: 'https://example.org/two.json' })
  const { pool } = economy.deployment.parts
  await carryOut(
    economy,
    player(3),
    callPart(economy, 'ankr', 'approve', [pool, delegation]),
    callPart(economy, 'pool', 'stake', [1n, 0, delegation, 0n]),
  )
  const first = await readPart(economy, 'params', 'currentEpoch', [])
  await warpTo(economy, anvil, first + 1n)
  const posted = createEpochFile(await emptyEpoch(economy, first), keccak)
  await save(database, posted)
  await post(economy, posted)
  await warpTo(economy, anvil, first + 2n)
  const made = createEpochFile(await busyEpoch(economy, posted), keccak)
  await save(database, made)
  return { posted, made }
}

async function openServing(
  economy: LocalEconomy,
  number: number,
  said: { commissionPpm: bigint; metadataUri: string },
): Promise<void> {
  const owner = player(number)
  const providerId = await openProvider(economy, owner, { nodes: 1, ...said })
  const [key, url] = [player(number + 4), `http://127.0.0.1:${number}`]
  const nodeId = await openNode(economy, { providerId, owner, key, url, chains: ['eth'] })
  await carryOut(economy, owner, callPart(economy, 'registry', 'activateNode', [nodeId]))
}

async function warpTo(economy: LocalEconomy, anvil: Anvil, epoch: bigint): Promise<void> {
  const start = await readPart(economy, 'params', 'epochStart', [epoch])
  await anvil.ask('evm_setNextBlockTimestamp', [Number(start) + 1])
  await anvil.mine(1)
}

async function spanOf(economy: LocalEconomy, first: bigint, last: bigint) {
  const { number: block, hash } = await economy.reader.getBlock()
  const from = await readPart(economy, 'params', 'epochStart', [first])
  const to = await readPart(economy, 'params', 'epochStart', [last + 1n])
  return { epoch: { number: last, from, to }, state: { block, hash, fundedTotal: 0n } }
}

async function emptyEpoch(economy: LocalEconomy, number: bigint): Promise<EpochInputs> {
  const none = { served: [], charges: [], gateways: [], nodes: [], performance: [], receipts: [] }
  const span = await spanOf(economy, 0n, number)
  return { ...smallInputs, ...none, ...span, uncollected: 0n, previous: null }
}

async function busyEpoch(economy: LocalEconomy, before: EpochFile): Promise<EpochInputs> {
  const number = before.data.epoch.number + 1n
  const { epoch, state } = await spanOf(economy, number, number)
  const [node] = smallInputs.nodes
  const [gateway = '0x'] = smallInputs.gateways
  const receipt = receiptOf({ at: 1, nodeId: 1n, chain: 'eth', gateway }, 1_000n)
  return {
    ...smallInputs,
    ...{ epoch, state: { ...state, fundedTotal: 900n * oneAnkr }, previous: asPrevious(before) },
    tariffs: [{ fromEpoch: number, hash: hashOf(0x7a) }],
    served: [
      { chain: 'bsc', charged: 1_000n, relayed: 500n },
      { chain: 'eth', charged: 2_000n, relayed: 1_000n },
    ],
    nodes: node === undefined ? [] : [{ ...node, providerId: 1n }],
    performance: [
      {
        ...{ nodeId: 1n, chain: 'eth', credits: 1_000n },
        ...{ asked: 1_000n, answered: 1_000n, failed: 0n, late: 0n },
      },
    ],
    receipts: [{ ...receipt, epoch: number }],
  }
}

async function save(database: Database, { data, roots }: EpochFile): Promise<void> {
  const key = { epoch: data.epoch.number, attempt: 0n, previous: data.previous?.number ?? null }
  const content = encodeEpochFile({ data, roots })
  await saveEpochFile(database.sql, { ...key, dataHash: roots.dataHash, content }, Date.now())
}

async function post(economy: LocalEconomy, { roots }: EpochFile): Promise<void> {
  const attempt = await readPart(economy, 'epochs', 'attempt', [])
  const data = epochData(economy.deployment, { ...roots, attempt })
  const signatures: Hex[] = await signAll(membersOf('verifier').slice(0, 2), data)
  await carryOut(
    economy,
    officer('holder'),
    callPart(economy, 'epochs', 'post', [roots, signatures]),
  )
}
