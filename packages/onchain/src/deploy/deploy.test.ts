import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { accessManagerAbi } from '@mooring/abis/access-manager'
import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import { priceBookAbi } from '@mooring/abis/price-book'
import { timelockControllerAbi } from '@mooring/abis/timelock-controller'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import { type Address, encodeFunctionData, type Hex, padHex, toHex, zeroHash } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { createReader, createWallet, type Reader } from '../clients.ts'
import { callPart, readPart } from '../contracts.ts'
import { type Deployment, deploymentOf, formatDeployment, parseDeployment } from '../deployment.ts'
import { readPriceTableOf, readPriceTables } from '../prices.ts'
import { createSender, type Sender } from '../send.ts'
import { assertHandedOver } from './check.ts'
import { type Deployed, deploySystem } from './deploy.ts'
import type { DeploySettings } from './settings.ts'

// Other tests may be running beside these.
setDefaultTimeout(30_000)

const chainId = 31_337
const account = (addressIndex: number) => mnemonicToAccount(anvilAccount.mnemonic, { addressIndex })
const deployer = privateKeyToAccount(anvilAccount.privateKey)
const [governor, guardian, stranger] = [account(1), account(2), account(3)]
const person = (number: number): Address => padHex(toHex(number), { size: 20 })
// In no order: the contract wants them ascending.
const members = [person(3), person(1), person(2)]
const hour = 3_600n

const settings: DeploySettings = {
  ankr: { holder: person(10), supply: 10n ** 28n },
  stable: { holder: person(10) },
  timelock: { delaySeconds: hour, proposers: [governor.address], executors: [] },
  guardian: guardian.address,
  admissions: person(13),
  slasher: undefined,
  recipients: { grants: person(14), auditors: person(15), protection: person(16) },
  signers: {
    verifier: { members, threshold: 2 },
    gateway: { members, threshold: 2 },
    rateSigner: { members, threshold: 2 },
  },
  initialUsdPerAnkr: 3n * 10n ** 16n,
  params: [{ param: paramNumbers.EpochSeconds, value: hour }],
}

let anvil: Anvil
let reader: Reader
let deployed: Deployed
let deployment: Deployment
const steps: string[] = []

beforeAll(async () => {
  anvil = await startAnvil({ chainId })
  reader = createReader({ url: anvil.url, chainId })
  const sender = createWallet({ url: anvil.url, chainId }, deployer)
  deployed = await deploySystem({ reader, sender }, settings, {
    onProgress: ({ name }) => steps.push(name),
    onHandedOver: () => void steps.push('written down'),
  })
  deployment = deploymentOf(deployed, settings)
})
afterAll(() => anvil?.stop())

const senderOf = (who: typeof governor): Sender =>
  createSender({ reader, wallet: createWallet({ url: anvil.url, chainId }, who) })

/** A call that the timelock makes: proposed by the governor, waited for, executed by anyone. */
async function govern(to: Address, data: Hex): Promise<void> {
  const operation = [to, 0n, data, zeroHash, zeroHash] as const
  await senderOf(governor).send(
    callPart({ deployment }, 'timelock', 'schedule', [...operation, hour]),
  )
  await anvil.ask('evm_increaseTime', [Number(hour)])
  await anvil.mine(1)
  const abi = timelockControllerAbi
  const call = { to: deployment.parts.timelock, abi, functionName: 'execute', args: operation }
  await senderOf(stranger).send(call)
}

describe('a deployment on a real chain', () => {
  test('creates every part, hands over, and is written down before it is checked', () => {
    expect(steps).toHaveLength(18)
    expect(steps.slice(-2)).toEqual(['hand-over', 'written down'])
  })

  test('checks out, and is read back from its file as it was written', async () => {
    await assertHandedOver(reader, deployment)
    expect(parseDeployment(formatDeployment(deployment))).toEqual(deployment)
  })

  test('leaves its deployer nothing', async () => {
    const change = callPart({ deployment }, 'params', 'announce', [
      [{ param: paramNumbers.DelegationMin, value: 10n ** 19n }],
      100n,
    ])
    const refused = await createSender({
      reader,
      wallet: createWallet({ url: anvil.url, chainId }, deployer),
    }).prepare(change)
    expect(refused.ok ? '' : refused.failure.name).toBe('AccessManagedUnauthorized')
    const { bootstrap: _, ...parts } = deployment.parts
    const holders = { guardian: person(12), admissions: person(13), slasher: person(17) }
    const again = await createSender({
      reader,
      wallet: createWallet({ url: anvil.url, chainId }, deployer),
    }).prepare(callPart({ deployment }, 'bootstrap', 'finish', [parts, holders]))
    expect(again.ok ? '' : again.failure.name).toBe('BootstrapAlreadyFinished')
  })

  test('begins with the parameters that were asked for', async () => {
    const system = { reader, deployment }
    expect(await readPart(system, 'params', 'get', [paramNumbers.EpochSeconds])).toBe(hour)
  })

  test('is governed: what was proposed and has waited is executed by anyone', async () => {
    const changes = [{ param: paramNumbers.DelegationMin, value: 10n ** 19n }]
    const args = [changes, 100n] as const
    const data = encodeFunctionData({ abi: paramStoreAbi, functionName: 'announce', args })
    await govern(deployment.parts.params, data)
    const system = { reader, deployment }
    const [, next] = await readPart(system, 'params', 'describe', [paramNumbers.DelegationMin])
    expect(next).toBe(10n ** 19n)
  })

  test('begins with the newest table of prices, and tells which one waits and from when', async () => {
    const system = { reader, deployment }
    const { hash, uri } = newestTable
    const { inForce, waiting } = await readPriceTables(system)
    const genesis = await readPart(system, 'params', 'epochStart', [0n])
    expect(inForce).toEqual({ hash, uri, firstEpoch: 0n, startsAtSeconds: genesis })
    expect(waiting).toBeUndefined()

    const other = padHex('0x1', { size: 32 })
    const args = [other, 'ipfs://other', 50n] as const
    const data = encodeFunctionData({ abi: priceBookAbi, functionName: 'announce', args })
    await govern(deployment.parts.priceBook, data)
    const startsAtSeconds = genesis + 50n * hour
    const next = { hash: other, uri: 'ipfs://other', firstEpoch: 50n, startsAtSeconds }
    expect(await readPriceTables(system)).toEqual({ inForce, waiting: next })
    expect(await readPriceTableOf(system, 49n)).toEqual(inForce)
    expect(await readPriceTableOf(system, 50n)).toEqual(next)

    const snapshot = await anvil.ask('evm_snapshot', [])
    await anvil.ask('evm_setNextBlockTimestamp', [Number(startsAtSeconds) - 1])
    await anvil.mine(1)
    expect(await readPriceTables(system)).toEqual({ inForce, waiting: next })
    await anvil.ask('evm_setNextBlockTimestamp', [Number(startsAtSeconds)])
    await anvil.mine(1)
    expect(await readPriceTables(system)).toEqual({ inForce: next, waiting: undefined })
    await anvil.ask('evm_revert', [snapshot])
  })
})

describe('a file is not believed', () => {
  test.each([
    ['a guardian that is another', () => ({ guardian: person(99) }), 'wrong holder'],
    ['another delay', () => ({ delaySeconds: 7 }), 'waits 3600 seconds, not 7'],
    ['proposers that are others', () => ({ proposers: [person(9)] }), 'is no proposer'],
    ['executors of its own', () => ({ executors: [person(9)] }), 'is no executor'],
  ])('with %s', async (_, other, says) => {
    expect(assertHandedOver(reader, { ...deployment, ...other() })).rejects.toThrow(says)
  })

  test('with a part that is no contract, or another contract', async () => {
    const withPart = (part: object) => ({
      ...deployment,
      parts: { ...deployment.parts, ...part },
    })
    expect(assertHandedOver(reader, withPart({ pool: person(9) }))).rejects.toThrow('no contract')
    const token = deployment.parts.ankr
    const wrong = assertHandedOver(reader, withPart({ bootstrap: token }))
    expect(wrong).rejects.toThrow('is not the bootstrap of this version')
  })

  test('when somebody was given a role since', async () => {
    const args = [0n, stranger.address, 0] as const
    const data = encodeFunctionData({ abi: accessManagerAbi, functionName: 'grantRole', args })
    await govern(deployment.parts.manager, data)
    const check = assertHandedOver(reader, deployment)
    expect(check).rejects.toThrow(`${stranger.address} is administrator, which nobody was meant`)
  })

  test('when it is none: every problem is told', () => {
    expect(() => parseDeployment('{"chainId":"one","parts":{}}')).toThrow(
      /chainId.*deployer.*parts\.bootstrap/s,
    )
    const mistyped = formatDeployment(deployment).replace(
      deployment.guardian,
      deployment.guardian.replace(/[A-F]/, (letter) => letter.toLowerCase()),
    )
    expect(() => parseDeployment(mistyped)).toThrow('guardian is mistyped')
  })
})
