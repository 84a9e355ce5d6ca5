import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { paramNumbers } from '@mooring/abis/params'
import { signerSetsAbi } from '@mooring/abis/signer-sets'
import { createReader, createWallet, type Reader } from '@mooring/onchain/clients'
import { deploySystem } from '@mooring/onchain/deploy/deploy'
import { type DeploySettings, signerRoleNames } from '@mooring/onchain/deploy/settings'
import { type Deployment, deploymentOf } from '@mooring/onchain/deployment'
import { type Call, createSender } from '@mooring/onchain/send'
import type { Address } from 'viem'
import type { Anvil } from '../anvil.ts'
import {
  membersOf,
  officeNames,
  officer,
  type Person,
  player,
  playerNumbers,
  thresholdEach,
} from './people.ts'

export type LocalEconomy = { rpc: string; deployment: Deployment; reader: Reader }

const oneToken = 10n ** 18n
const oneDollar = 10n ** 6n
export const localSupply = 10_000_000_000n * oneToken
/** What each player begins with. */
export const playerAnkr = 10_000_000n * oneToken
export const playerDollars = 1_000_000n * oneDollar
export const serviceBond = 10_000n * oneToken
/** Three cents. */
export const localUsdPerAnkr = 3n * 10n ** 16n
const gasMoneyWei = 10_000n * oneToken

const hour = 3_600n
/** As short as the bounds allow where somebody would wait for it; everything else by default. */
const localParams = [
  { param: paramNumbers.EpochSeconds, value: hour },
  { param: paramNumbers.ChargePeriodSeconds, value: hour },
  { param: paramNumbers.ChargeDelaySeconds, value: hour },
  { param: paramNumbers.WithdrawDelaySeconds, value: 3n * hour },
] as const

export const localTimelockSeconds = 60n

/**
 * Deploys the whole economy on a local chain, bonds and installs its services, and gives the players tokens. All keys
 * are known to everyone.
 */
export async function startEconomy(
  anvil: Pick<Anvil, 'url' | 'chainId' | 'ask'>,
): Promise<LocalEconomy> {
  const { url, chainId } = anvil
  const reader = createReader({ url, chainId })
  const services = signerRoleNames.flatMap(membersOf)
  const payers = [...officeNames.map(officer), ...services, ...playerNumbers.map(player)]
  await Promise.all(
    payers.map(({ address }) =>
      anvil.ask('anvil_setBalance', [address, `0x${gasMoneyWei.toString(16)}`]),
    ),
  )
  const settings = localSettings()
  const wallet = createWallet({ url, chainId }, officer('deployer'))
  const deployed = await deploySystem({ reader, sender: wallet }, settings)
  const deployment = deploymentOf(deployed, settings)
  await equip(reader, url, deployment, services)
  return { rpc: url, deployment, reader }
}

function localSettings(): DeploySettings {
  const addressOf = (person: Person): Address => person.address
  const holder = officer('holder').address
  return {
    ankr: { holder, supply: localSupply },
    stable: { holder },
    timelock: {
      delaySeconds: localTimelockSeconds,
      proposers: [officer('governor').address],
      executors: [],
    },
    guardian: officer('guardian').address,
    admissions: officer('admissions').address,
    slasher: officer('slasher').address,
    recipients: {
      grants: officer('grants').address,
      auditors: officer('auditors').address,
      protection: officer('protection').address,
    },
    signers: {
      verifier: { members: membersOf('verifier').map(addressOf), threshold: thresholdEach },
      gateway: { members: membersOf('gateway').map(addressOf), threshold: thresholdEach },
      rateSigner: { members: membersOf('rateSigner').map(addressOf), threshold: thresholdEach },
    },
    initialUsdPerAnkr: localUsdPerAnkr,
    params: localParams,
  }
}

/** Tokens for the players, and bonds for the services. */
async function equip(
  reader: Reader,
  url: string,
  { chainId, parts }: Deployment,
  services: readonly Person[],
): Promise<void> {
  const sender = createSender({
    reader,
    wallet: createWallet({ url, chainId }, officer('holder')),
  })
  const bonds = serviceBond * BigInt(services.length)
  const purses = playerNumbers.flatMap((number) => [
    onToken(parts.ankr, 'transfer', player(number).address, playerAnkr),
    onToken(parts.stable, 'transfer', player(number).address, playerDollars),
  ])
  // Each round rests on the one before it.
  const rounds = [
    [...purses, onToken(parts.ankr, 'approve', parts.signerSets, bonds)],
    services.map(({ address }) => onSets(parts, 'depositBond', address, serviceBond)),
    // Roles of signer sets count from 1.
    signerRoleNames.map((_, at) => onSets(parts, 'installSet', at + 1)),
  ]
  for (const round of rounds) await Promise.all(round.map((call) => sender.send(call)))
}

function onToken(
  to: Address,
  functionName: 'transfer' | 'approve',
  account: Address,
  amount: bigint,
): Call {
  return { to, abi: ankrTokenAbi, functionName, args: [account, amount] }
}

function onSets(
  { signerSets: to }: Deployment['parts'],
  functionName: 'depositBond' | 'installSet',
  ...args: readonly unknown[]
): Call {
  return { to, abi: signerSetsAbi, functionName, args }
}
