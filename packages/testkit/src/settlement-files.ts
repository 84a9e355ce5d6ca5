import {
  type ChargeFile,
  type ChargeFileRoots,
  encodeChargeFile,
} from '@mooring/market/settlement/charge-file'
import { chargeTree } from '@mooring/market/settlement/plain-tree'
import { readPostedRoots } from '@mooring/onchain/charge-roots'
import { callPart } from '@mooring/onchain/contracts'
import { openKeccak } from '@mooring/onchain/keccak'
import { chargeRootData, signAll } from '@mooring/onchain/signed'
import {
  type SettlementAnswer,
  type SettlementWish,
  settlementPaths,
} from '@mooring/protocol/settlement/signing-wire'
import type { DepositChain } from './economy/deposit-chain.ts'
import { membersOf, player } from './economy/people.ts'
import { post, type Seat } from './verifier-seats.ts'

export const keccak = await openKeccak()
export const periodSeconds = 3_600n

/** Serves what a billing service would: files by their path. */
export function startFiles() {
  const files = new Map<string, string>()
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    fetch(request) {
      const text = files.get(new URL(request.url).pathname)
      return text === undefined ? new Response('', { status: 404 }) : new Response(text)
    },
    error: () => new Response('', { status: 500 }),
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    files,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
export type Files = ReturnType<typeof startFiles>

export type Made = { file: ChargeFile; roots: ChargeFileRoots; wish: SettlementWish }

/** A file of the next ANKR root that is right as far as it is not told otherwise, and served. */
export async function makeChargeFile(
  { system }: Pick<DepositChain, 'system'>,
  { files }: Files,
  changes: Partial<ChargeFile> = {},
): Promise<Made> {
  const { deployment, reader } = system
  const { number, hash, timestamp } = await reader.getBlock()
  const at = { blockHash: hash }
  const { count, standing } = await readPostedRoots(system, { asset: 'ankr', at, rootsMax: 1 })
  const file: ChargeFile = {
    version: 1,
    deployment: {
      chainId: deployment.chainId,
      escrow: lowerCase(deployment.parts.ankrEscrow),
    },
    asset: 'ankr',
    rootId: count + 1n,
    periodEnd: timestamp - (timestamp % periodSeconds),
    state: { block: number, hash },
    previous: standing[0]?.dataHash ?? null,
    leaves: [leafOf(1, 7n)],
    ...changes,
  }
  const { text, roots } = encodeChargeFile(file, keccak)
  files.set(settlementPaths.chargeFile(roots.dataHash), text)
  const { asset, rootId } = file
  const wish = { kind: 'charge-root', asset, rootId: String(rootId) } as const
  return { file, roots, wish: { ...wish, dataHash: roots.dataHash } }
}

export function leafOf(number: number, total: bigint, life = 0) {
  return { account: lowerCase(player(number).address), life, total }
}

/** Asks until there is an answer. The test's own deadline ends it. */
export async function signatureOf(
  { url }: Pick<Seat, 'url'>,
  wish: SettlementWish,
): Promise<SettlementAnswer> {
  for (;;) {
    const { status, value } = await post(`${url}${settlementPaths.signatures}`, wish)
    if (status !== 200) throw new Error(JSON.stringify(value))
    // A verifier of ours writes it.
    const answer = value as SettlementAnswer
    if (answer.state !== 'checking') return answer
    await Bun.sleep(20)
  }
}

export async function passPeriods(chain: DepositChain, count = 1): Promise<void> {
  const { timestamp } = await chain.system.reader.getBlock()
  // Not to be near the end of one, in which a file gets old while it is looked at.
  const begins = timestamp - (timestamp % periodSeconds) + periodSeconds * BigInt(count)
  await chain.anvil.ask('evm_setNextBlockTimestamp', [Number(begins + 60n)])
  await chain.anvil.mine(1)
}

/** Posts a root as two verifiers sign it, whatever is in it. */
export async function postRoot(chain: DepositChain, { file, roots }: Made): Promise<void> {
  const { system } = chain
  const { rootId, periodEnd } = file
  const statement = { rootId, ...roots, periodEnd }
  const data = chargeRootData(system.deployment, 'ankrEscrow', statement)
  const signatures = await signAll(membersOf('verifier').slice(0, 2), data)
  const args = [roots.root, roots.dataHash, periodEnd, signatures] as const
  const call = callPart(system, 'ankrEscrow', 'postChargeRoot', args)
  const { status } = await chain.send(player(1).address, call)
  if (status !== 'success') throw new Error('the root was not taken')
}

/** Applies the first leaf of a root that waits no more. */
export async function applyFirst(chain: DepositChain, { file }: Made): Promise<void> {
  const [leaf] = file.leaves
  if (leaf === undefined) throw new Error('there is no leaf')
  const leaves = [{ ...leaf, proof: chargeTree(file.leaves, keccak).proofOf(0) }]
  const call = callPart(chain.system, 'ankrEscrow', 'applyCharges', [file.rootId, leaves])
  const { status } = await chain.send(player(1).address, call)
  if (status !== 'success') throw new Error('the leaf was not applied')
}

/** As files have it. */
function lowerCase(address: string): `0x${string}` {
  // The same digits after the same 0x.
  return address.toLowerCase() as `0x${string}`
}
