import { accessManagerAbi } from '@mooring/abis/access-manager'
import { bootstrapAbi } from '@mooring/abis/bootstrap'
import { timelockControllerAbi } from '@mooring/abis/timelock-controller'
import { type Address, isAddressEqual, type PublicClient, zeroAddress } from 'viem'
import type { Parts } from './plan.ts'
import type { DeploySettings } from './settings.ts'

export type HandedOver = {
  parts: Parts
  settings: Pick<DeploySettings, 'guardian' | 'admissions' | 'slasher' | 'timelock'>
  deployer: Address
  /** Roles granted before this block are not seen; the block of the first creation sees all. */
  fromBlock: bigint
}

/**
 * Throws with what is wrong unless the system stands as it was handed over: every part knows the parts it should,
 * every restricted function has its role, and the deployer has none.
 *
 * The contract checks what it can read. Here the events are read besides, so that a role nobody thought of is seen.
 */
export async function assertHandedOver(reader: PublicClient, handed: HandedOver): Promise<void> {
  const { parts, settings, deployer, fromBlock } = handed
  const { bootstrap, ...named } = parts
  await reader.readContract({
    address: bootstrap,
    abi: bootstrapAbi,
    functionName: 'check',
    args: [
      named,
      {
        guardian: settings.guardian,
        admissions: settings.admissions,
        slasher: settings.slasher ?? zeroAddress,
      },
    ],
  })
  const powerful = [
    ...(await roleHolders(reader, parts.manager, fromBlock)),
    ...(await timelockHolders(reader, parts.timelock, fromBlock)),
  ]
  const expected = [
    parts.timelock,
    parts.distributor,
    settings.guardian,
    settings.admissions,
    ...(settings.slasher === undefined ? [] : [settings.slasher]),
    ...settings.timelock.proposers,
    ...settings.timelock.executors,
  ]
  for (const holder of powerful) {
    if (!expected.some((address) => isAddressEqual(address, holder))) {
      const whose = isAddressEqual(holder, deployer) ? 'the deployer' : holder
      throw new Error(
        `${whose} holds a role that nobody was meant to give it; do not use this deployment`,
      )
    }
  }
}

async function roleHolders(reader: PublicClient, manager: Address, fromBlock: bigint) {
  const granted = await reader.getContractEvents({
    address: manager,
    abi: accessManagerAbi,
    eventName: 'RoleGranted',
    fromBlock,
    strict: true,
  })
  const held = await Promise.all(
    granted.map(async ({ args: { roleId, account } }) => {
      const [isMember] = await reader.readContract({
        address: manager,
        abi: accessManagerAbi,
        functionName: 'hasRole',
        args: [roleId, account],
      })
      return isMember ? [account] : []
    }),
  )
  return held.flat()
}

async function timelockHolders(reader: PublicClient, timelock: Address, fromBlock: bigint) {
  const granted = await reader.getContractEvents({
    address: timelock,
    abi: timelockControllerAbi,
    eventName: 'RoleGranted',
    fromBlock,
    strict: true,
  })
  const held = await Promise.all(
    granted.map(async ({ args: { role, account } }) => {
      const isMember = await reader.readContract({
        address: timelock,
        abi: timelockControllerAbi,
        functionName: 'hasRole',
        args: [role, account],
      })
      // An executor of address zero lets anyone execute what was proposed and has waited.
      return isMember && account !== zeroAddress ? [account] : []
    }),
  )
  return held.flat()
}
