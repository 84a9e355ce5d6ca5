import { accessManagerAbi } from '@mooring/abis/access-manager'
import { timelockControllerAbi } from '@mooring/abis/timelock-controller'
import {
  type Abi,
  type Address,
  keccak256,
  type Log,
  parseEventLogs,
  toBytes,
  zeroAddress,
  zeroHash,
} from 'viem'
import type { Reader } from '../clients.ts'
import type { Deployment } from '../deployment.ts'
import { readAllLogs } from '../logs.ts'

/** Who should hold a role, in terms of who the deployment names. */
type Expected = { role: string; name: string; holders: readonly Address[] }

/**
 * Every role that somebody holds and was not given, or was given and does not hold, in words; and whatever else was
 * changed about roles since the hand-over.
 */
export async function roleProblems(reader: Reader, deployment: Deployment): Promise<string[]> {
  const { manager, timelock } = deployment.parts
  const to = await reader.getBlockNumber()
  const from = BigInt(deployment.firstBlock)
  const logs = await readAllLogs(reader, { address: [manager, timelock], from, to })
  return [
    ...(await managerProblems(reader, deployment, logsOf(logs, manager))),
    ...(await timelockProblems(reader, deployment, logsOf(logs, timelock))),
  ]
}

function logsOf(logs: readonly Log[], contract: Address): Log[] {
  return logs.filter(({ address }) => address.toLowerCase() === contract.toLowerCase())
}

async function managerProblems(
  reader: Reader,
  deployment: Deployment,
  logs: Log[],
): Promise<string[]> {
  const { parts, guardian, admissions, slasher } = deployment
  const events = parseEventLogs({ abi: accessManagerAbi, logs })
  const expected: Expected[] = [
    // The numbers of `Roles.sol`.
    { role: '0', name: 'administrator', holders: [parts.timelock] },
    { role: '1', name: 'governor', holders: [parts.timelock] },
    { role: '2', name: 'guardian', holders: [guardian] },
    { role: '3', name: 'admissions', holders: [admissions] },
    { role: '4', name: 'slasher', holders: slasher === undefined ? [] : [slasher] },
    { role: '5', name: 'rewarder', holders: [parts.distributor] },
  ]
  const granted = events.flatMap((event) =>
    event.eventName === 'RoleGranted'
      ? [{ role: String(event.args.roleId), holder: event.args.account }]
      : [],
  )
  const held = await Promise.all(
    granted.map(async ({ role, holder }) => {
      const [isMember] = await reader.readContract({
        address: parts.manager,
        abi: accessManagerAbi,
        functionName: 'hasRole',
        args: [BigInt(role), holder],
      })
      return isMember ? [{ role, holder }] : []
    }),
  )
  const turned = events
    .map(({ eventName }): string => eventName)
    .filter((name) => ['RoleAdminChanged', 'RoleGuardianChanged', 'TargetClosed'].includes(name))
  return [
    ...differences(expected, held.flat()),
    ...turned.map((name) => `the access manager tells of ${name}`),
  ]
}

async function timelockProblems(
  reader: Reader,
  { parts, proposers, executors, delaySeconds }: Deployment,
  logs: Log[],
): Promise<string[]> {
  const contract = { address: parts.timelock, abi: timelockControllerAbi } as const
  const events = parseEventLogs({
    abi: timelockControllerAbi as Abi,
    logs,
    eventName: 'RoleGranted',
  })
  const open = executors.length === 0 ? [zeroAddress] : executors
  const expected: Expected[] = [
    { role: zeroHash, name: "timelock's administrator", holders: [parts.timelock] },
    { role: keccak256(toBytes('PROPOSER_ROLE')), name: 'proposer', holders: proposers },
    { role: keccak256(toBytes('CANCELLER_ROLE')), name: 'canceller', holders: proposers },
    { role: keccak256(toBytes('EXECUTOR_ROLE')), name: 'executor', holders: open },
  ]
  const held = await Promise.all(
    events.map(async (event) => {
      // Of the one event that was asked for.
      const { role, account } = event.args as unknown as { role: `0x${string}`; account: Address }
      const isMember = await reader.readContract({
        ...contract,
        functionName: 'hasRole',
        args: [role, account],
      })
      return isMember ? [{ role: role as string, holder: account }] : []
    }),
  )
  const delay = await reader.readContract({ ...contract, functionName: 'getMinDelay' })
  return [
    ...differences(expected, held.flat()),
    ...(delay === BigInt(delaySeconds)
      ? []
      : [`the timelock waits ${delay} seconds, not ${delaySeconds}`]),
  ]
}

function differences(
  expected: readonly Expected[],
  held: readonly { role: string; holder: Address }[],
): string[] {
  const missing = expected.flatMap(({ role, name, holders }) =>
    holders
      .filter((holder) => !held.some((one) => one.role === role && isSame(one.holder, holder)))
      .map((holder) => `${holder} is no ${name}`),
  )
  const extra = held
    .filter(({ role, holder }) => {
      const row = expected.find((one) => one.role === role)
      return row === undefined || !row.holders.some((named) => isSame(named, holder))
    })
    .map(({ role, holder }) => {
      const name = expected.find((one) => one.role === role)?.name ?? `of role ${role}`
      return `${holder} is ${name}, which nobody was meant to make it`
    })
  return [...new Set([...missing, ...extra])]
}

function isSame(one: Address, other: Address): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
