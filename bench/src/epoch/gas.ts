import type { Keccak } from '@mooring/market/settlement/bytes'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { earnedTree } from '@mooring/market/settlement/epoch-trees'
import { chargeTree } from '@mooring/market/settlement/plain-tree'
import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Call } from '@mooring/onchain/send'
import { chargeRootData, epochData, signAll } from '@mooring/onchain/signed'
import type { Anvil } from '@mooring/testkit/anvil'
import { membersOf, officer } from '@mooring/testkit/economy/people'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { type Address, encodeFunctionData, type Hex, maxUint256, zeroHash } from 'viem'
import { accountNumber } from './large-epoch.ts'
import type { Plan } from './plan.ts'

/** A chain on which accounts and providers of the epoch live. */
export type Stage = LocalEconomy & { anvil: Anvil }

const oneAnkr = 10n ** 18n
const deposit = 1_000n * oneAnkr
const selfStake = 100_000n * oneAnkr
const delegation = 1_000n * oneAnkr
/** Given, because a block holds as many as their limits leave room for. */
const gasOfCall = '0x7a120'
const gasOfBatch = '0x1312d00'
const callsInBlock = 50
const gasMoney = '0x21e19e0c9bab2400000'
const keyCommitment: Hex = `0x${'5e'.repeat(32)}`
const verifiers = membersOf('verifier').slice(0, 2)
/** As `mooring post` cuts them. */
const chargesEach = 200
const payoutsEach = 20
const hourSeconds = 3_600
const rootDelaySeconds = 2 * 86_400

/** Some accounts deposit, and every provider has stake of its own and of somebody else. */
export async function populate(stage: Stage, plan: Plan): Promise<void> {
  const { anvil, deployment } = stage
  const { ankrEscrow, pool, distributor } = deployment.parts
  const holder = officer('holder').address
  const accounts = Array.from({ length: plan.depositors }, (_, at) => accountNumber(at))
  for (const account of [holder, ...accounts]) {
    await anvil.ask('anvil_impersonateAccount', [account])
    await anvil.ask('anvil_setBalance', [account, gasMoney])
  }
  const asHolder = (calls: Call[]) =>
    sendAll(
      stage,
      calls.map((call) => ({ from: holder, call })),
    )
  const providers = Array.from({ length: plan.providers }, (_, at) => BigInt(at + 1))
  await asHolder([
    callPart(stage, 'ankr', 'approve', [pool, maxUint256]),
    ...providers.flatMap((providerId) => [
      callPart(stage, 'registry', 'registerProvider', [holder, 100_000n, '']),
      callPart(stage, 'pool', 'stake', [providerId, 1, selfStake, 0n]),
      callPart(stage, 'pool', 'stake', [providerId, 0, delegation, 0n]),
    ]),
    ...accounts.map((account) => callPart(stage, 'ankr', 'transfer', [account, deposit])),
    // What is to be divided: the fees of all accounts, as if all of them had deposits.
    callPart(stage, 'ankr', 'transfer', [distributor, oneAnkr * BigInt(plan.accounts)]),
    callPart(stage, 'distributor', 'fund', []),
  ])
  const deposits = [
    callPart(stage, 'ankr', 'approve', [ankrEscrow, deposit]),
    callPart(stage, 'ankrEscrow', 'deposit', [deposit, keyCommitment]),
  ]
  await sendAll(
    stage,
    accounts.flatMap((from) => deposits.map((call) => ({ from, call }))),
  )
}

export type Gas = {
  chargeRoot: bigint
  /** Of one charge, in batches as they are posted. */
  charge: bigint
  epoch: bigint
  /** Of one payout, in batches. */
  payout: bigint
  payouts: bigint
}

/** Posts and pays the epoch. Charges are applied of those that have deposits, with proofs in the tree of all. */
export async function measureGas(
  stage: Stage,
  { data, roots }: EpochFile,
  plan: Plan,
  keccak: Keccak,
) {
  // All are charged for the first time.
  const leaves = data.charges.map(({ account, tokens }) => ({ account, life: 0, total: tokens }))
  const tree = chargeTree(leaves, keccak)
  await pass(stage, hourSeconds)
  const { timestamp: periodEnd } = await stage.reader.getBlock()
  const root = { rootId: 1n, root: tree.root, dataHash: zeroHash, periodEnd }
  const signed = await signAll(verifiers, chargeRootData(stage.deployment, 'ankrEscrow', root))
  const chargeRoot = await bring(
    stage,
    callPart(stage, 'ankrEscrow', 'postChargeRoot', [root.root, zeroHash, periodEnd, signed]),
  )
  await pass(stage, hourSeconds)
  const owed = leaves
    .slice(0, plan.depositors)
    .map((leaf, at) => ({ ...leaf, proof: tree.proofOf(at) }))
  const charges = await inBatches(owed, chargesEach, (batch) =>
    bring(stage, callPart(stage, 'ankrEscrow', 'applyCharges', [1n, batch])),
  )
  const attempt = await readPart(stage, 'epochs', 'attempt', [])
  const signatures = await signAll(verifiers, epochData(stage.deployment, { ...roots, attempt }))
  const epoch = await bring(stage, callPart(stage, 'epochs', 'post', [roots, signatures]))
  await pass(stage, rootDelaySeconds)
  const earned = earnedTree(data.payouts, keccak)
  const due = data.payouts.map(({ providerId, cumulative }, at) => ({
    ...{ providerId, epoch: roots.epoch, cumulative, proof: earned?.proofOf(at) ?? [] },
  }))
  const payouts = await inBatches(due, payoutsEach, (batch) =>
    bring(stage, callPart(stage, 'distributor', 'pushMany', [batch])),
  )
  const paidTotal = await readPart(stage, 'distributor', 'paidTotal', [])
  if (paidTotal !== roots.payoutsTotal)
    throw new Error(`${paidTotal} of ${roots.payoutsTotal} was paid`)
  const gas: Gas = {
    ...{ chargeRoot, epoch, payouts },
    charge: charges / BigInt(owed.length),
    payout: payouts / BigInt(due.length),
  }
  return gas
}

async function inBatches<T>(
  items: readonly T[],
  each: number,
  run: (batch: T[]) => Promise<bigint>,
): Promise<bigint> {
  let gas = 0n
  for (let at = 0; at < items.length; at += each) gas += await run(items.slice(at, at + each))
  return gas
}

/** @returns The gas it took. */
function bring(stage: Stage, call: Call): Promise<bigint> {
  return sendAll(stage, [{ from: officer('holder').address, call }], gasOfBatch)
}

/** Many transactions a block, in their order. @returns The gas they took. */
async function sendAll(
  { anvil, reader }: Stage,
  calls: readonly { from: Address; call: Call }[],
  gasEach: Hex = gasOfCall,
): Promise<bigint> {
  await anvil.ask('evm_setAutomine', [false])
  let gas = 0n
  for (let at = 0; at < calls.length; at += callsInBlock) {
    const hashes: Hex[] = []
    for (const { from, call } of calls.slice(at, at + callsInBlock)) {
      const transaction = { from, to: call.to, data: encodeFunctionData(call), gas: gasEach }
      // A hash, as its interface says.
      hashes.push((await anvil.ask('eth_sendTransaction', [transaction])) as Hex)
    }
    await anvil.mine(1)
    const receipts = await Promise.all(hashes.map((hash) => reader.getTransactionReceipt({ hash })))
    const failed = receipts.findIndex(({ status }) => status !== 'success')
    if (failed !== -1) throw new Error(`${calls[at + failed]?.call.functionName} failed`)
    for (const { gasUsed } of receipts) gas += gasUsed
  }
  return gas
}

async function pass({ anvil }: Stage, seconds: number): Promise<void> {
  await anvil.ask('evm_increaseTime', [seconds])
  await anvil.mine(1)
}

/** What the chain says of an epoch that has ended. */
export async function readChainSide(stage: Stage) {
  await pass(stage, hourSeconds)
  const { number: block, hash } = await stage.reader.getBlock()
  const number = (await readPart(stage, 'params', 'currentEpoch', [])) - 1n
  const { hash: tariff } = await readPart(stage, 'priceBook', 'tableAt', [number])
  return {
    ...{ deployment: stage.deployment, tariff },
    epoch: {
      number,
      from: await readPart(stage, 'params', 'epochStart', [0n]),
      to: await readPart(stage, 'params', 'epochStart', [number + 1n]),
    },
    state: {
      ...{ block, hash },
      fundedTotal: await readPart(stage, 'distributor', 'fundedTotal', []),
    },
  }
}
