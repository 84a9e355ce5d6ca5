import { expect, test } from 'bun:test'
import { accessManagerAbi } from '@mooring/abis/access-manager'
import { bootstrapAbi } from '@mooring/abis/bootstrap'
import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import { anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import { type Address, padHex, toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { createReader, createWallet } from '../clients.ts'
import { formatDeployment, parseDeployment } from '../deployment.ts'
import { assertHandedOver } from './check.ts'
import { deploySystem } from './deploy.ts'
import type { DeploySettings } from './settings.ts'

const chainId = 31_337
const deployer = mnemonicToAccount(anvilAccount.mnemonic, { addressIndex: 3 })
const person = (index: number): Address => padHex(toHex(0xabc000 + index), { size: 20 })
const members = [person(3), person(1), person(2)]

const settings: DeploySettings = {
  ankr: { holder: person(10), supply: 10n ** 28n },
  stable: { holder: person(10) },
  timelock: { delaySeconds: 172_800n, proposers: [person(11)], executors: [] },
  guardian: person(12),
  admissions: person(13),
  slasher: undefined,
  recipients: { grants: person(14), auditors: person(15), protection: person(16) },
  signers: {
    verifier: { members, threshold: 2 },
    gateway: { members, threshold: 2 },
    rateSigner: { members, threshold: 2 },
  },
  initialUsdPerAnkr: 3n * 10n ** 16n,
  params: [{ param: paramNumbers.EpochSeconds, value: 3_600n }],
}

test('a deployment on a real chain is wired, handed over and checked, and leaves its deployer nothing', async () => {
  await using anvil = await startAnvil({ chainId })
  const reader = createReader({ url: anvil.url, chainId })
  const wallet = createWallet({ url: anvil.url, chainId }, deployer)
  const steps: string[] = []
  const deployed = await deploySystem({ reader, sender: wallet }, settings, ({ name }) =>
    steps.push(name),
  )
  expect(steps).toHaveLength(16)
  expect(steps.at(-1)).toBe('hand-over')

  // The deployer can do nothing: it has no role, cannot finish again and cannot change a parameter.
  const { parts } = deployed
  const [isAdmin] = await reader.readContract({
    address: parts.manager,
    abi: accessManagerAbi,
    functionName: 'hasRole',
    args: [0n, deployer.address],
  })
  expect(isAdmin).toBe(false)
  const announce = reader.simulateContract({
    account: deployer,
    address: parts.params,
    abi: paramStoreAbi,
    functionName: 'announce',
    args: [[{ param: paramNumbers.DelegationMin, value: 10n ** 19n }], 100n],
  })
  expect(announce).rejects.toThrow('AccessManagedUnauthorized')
  const { bootstrap, ...named } = parts
  const finishAgain = reader.simulateContract({
    account: deployer,
    address: bootstrap,
    abi: bootstrapAbi,
    functionName: 'finish',
    args: [named, { guardian: person(12), admissions: person(13), slasher: person(17) }],
  })
  expect(finishAgain).rejects.toThrow('BootstrapAlreadyFinished')

  // The parameters are those that were asked for, and the check finds other holders than it was told.
  const epochSeconds = await reader.readContract({
    address: parts.params,
    abi: paramStoreAbi,
    functionName: 'get',
    args: [paramNumbers.EpochSeconds],
  })
  expect(epochSeconds).toBe(3_600n)
  const wrongly = { ...settings, guardian: person(99) }
  const fromBlock = deployed.firstBlock
  const check = assertHandedOver(reader, {
    parts,
    settings: wrongly,
    deployer: deployer.address,
    fromBlock,
  })
  expect(check).rejects.toThrow('BootstrapWrongHolder')

  // The file written from it is read back as it was.
  const deployment = {
    chainId: deployed.chainId,
    deployer: deployed.deployer,
    firstBlock: Number(deployed.firstBlock),
    guardian: settings.guardian,
    admissions: settings.admissions,
    proposers: [...settings.timelock.proposers],
    executors: [],
    parts,
  }
  expect(Object.keys(parseDeployment(formatDeployment(deployment)).parts)).toEqual(
    Object.keys(parts),
  )
})

test('a deployment file that is none is told with every problem', () => {
  expect(() => parseDeployment('{"chainId":"one","parts":{}}')).toThrow(
    /chainId.*deployer.*parts\.bootstrap/s,
  )
})
