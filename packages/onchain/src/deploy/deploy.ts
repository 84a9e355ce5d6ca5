import { bootstrapAbi } from '@mooring/abis/bootstrap'
import type { Account, Address, Chain, Hex, Transport, WalletClient } from 'viem'
import type { Reader } from '../clients.ts'
import { deploymentOf } from '../deployment.ts'
import { assertHandedOver } from './check.ts'
import { type Creation, type Parts, planDeployment } from './plan.ts'
import type { DeploySettings } from './settings.ts'

export type Deployed = {
  chainId: number
  deployer: Address
  /** Block in which the hand-over was included; everything the system ever did is at or after the first creation. */
  firstBlock: bigint
  finishedBlock: bigint
  parts: Parts
  gasUsed: bigint
}

export type DeployClients = {
  reader: Reader
  sender: WalletClient<Transport, Chain, Account>
}

export type DeployOptions = {
  /** Told after each step: which, of how many. */
  onProgress?: ((step: { name: string; done: number; of: number }) => void) | undefined
  /** Waited for when all is handed over and before it is checked: what happens then no longer undoes it. */
  onHandedOver?: ((deployed: Deployed) => Promise<void> | void) | undefined
  /** The deployer's next transaction, when addresses were told to somebody before. */
  nonce?: number | undefined
}

const receiptTimeoutMs = 180_000

/**
 * Deploys every part, hands the system over to the timelock and checks it afterwards.
 *
 * A deployment that failed midway has handed nothing over and owns nothing: what was created is left behind, and the
 * next attempt begins anew.
 */
export async function deploySystem(
  clients: DeployClients,
  settings: DeploySettings,
  options: DeployOptions = {},
): Promise<Deployed> {
  const { reader, sender } = clients
  const { onProgress = () => {} } = options
  const deployer = sender.account.address
  const nonce = await reader.getTransactionCount({ address: deployer, blockTag: 'pending' })
  if (options.nonce !== undefined && options.nonce !== nonce) {
    throw new Error(
      `${deployer} has sent something else meanwhile, so the addresses that were told are void; nothing was sent`,
    )
  }
  const { parts, creations } = planDeployment(settings, deployer, BigInt(nonce))
  const of = creations.length + 1

  let gasUsed = 0n
  let firstBlock: bigint | undefined
  for (const [done, creation] of creations.entries()) {
    const receipt = await create(clients, creation, nonce + done)
    gasUsed += receipt.gasUsed
    firstBlock ??= receipt.blockNumber
    onProgress({ name: creation.name, done: done + 1, of })
  }
  const finished = await finish(clients, parts, settings)
  onProgress({ name: 'hand-over', done: of, of })
  const deployed = {
    chainId: sender.chain.id,
    deployer,
    firstBlock: firstBlock ?? finished.blockNumber,
    finishedBlock: finished.blockNumber,
    parts,
    gasUsed: gasUsed + finished.gasUsed,
  }
  await options.onHandedOver?.(deployed)
  await assertHandedOver(reader, deploymentOf(deployed, settings))
  return deployed
}

async function create({ reader, sender }: DeployClients, creation: Creation, nonce: number) {
  const hash = await sender.sendTransaction({ data: creation.data, nonce, to: null })
  const receipt = await confirmed(reader, hash, creation.name)
  if (receipt.contractAddress?.toLowerCase() !== creation.address.toLowerCase()) {
    throw new Error(
      `${creation.name} was created at ${receipt.contractAddress}, not at ${creation.address}: the deployer's ` +
        'account was used by something else meanwhile. Nothing was handed over; deploy again with an account of its own.',
    )
  }
  return receipt
}

async function finish(
  { reader, sender }: DeployClients,
  parts: Parts,
  { guardian, admissions, slasher }: DeploySettings,
) {
  const { bootstrap, ...named } = parts
  const hash = await sender.writeContract({
    address: bootstrap,
    abi: bootstrapAbi,
    functionName: 'finish',
    args: [
      named,
      { guardian, admissions, slasher: slasher ?? '0x0000000000000000000000000000000000000000' },
    ],
  })
  return confirmed(reader, hash, 'the hand-over')
}

async function confirmed(reader: Reader, hash: Hex, what: string) {
  const receipt = await reader.waitForTransactionReceipt({
    hash,
    timeout: receiptTimeoutMs,
    pollingInterval: 100,
  })
  if (receipt.status !== 'success') {
    throw new Error(`${what} failed in transaction ${hash}; nothing was handed over`)
  }
  return receipt
}
