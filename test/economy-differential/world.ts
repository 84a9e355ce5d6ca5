import { type Account, deadAddress, type Holder, holders } from '@mooring/market/economy/ledger'
import type { Cast } from '@mooring/market/economy/sequence/scene'
import { createReader, createWallet, type Reader } from '@mooring/onchain/clients'
import { deploySystem } from '@mooring/onchain/deploy/deploy'
import type { PartName, Parts } from '@mooring/onchain/deploy/plan'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import { type Address, encodeDeployData, encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { accountOf, addressWith, createCast, keyring, offices } from './cast.ts'
import { indemnifierAbi, indemnifierBytecode } from './indemnifier.ts'
import { deploySettings, pursesOf } from './settings.ts'

/** The contracts on a chain of their own, as they were deployed and before anybody acted. */
export type World = {
  anvil: Anvil
  reader: Reader
  parts: Parts
  cast: Cast
  /** Everybody who may have tokens, as the model writes them. */
  accounts: readonly Account[]
  /** Of the model's account: of a person, or of a contract that the model knows by name. */
  addressOf: (account: Account) => Address
  [Symbol.asyncDispose]: () => Promise<void>
}

const chainId = 31_337
/** The same at every run, so that a sequence can be repeated; far from today, so that nothing mixes the two up. */
const beginSeconds = 2_000_000_000
const gasMax = `0x${(10_000_000).toString(16)}` as const

const partOfHolder: Record<Holder, PartName> = {
  stakingPool: 'pool',
  signerSets: 'signerSets',
  ankrEscrow: 'ankrEscrow',
  stableEscrow: 'stableEscrow',
  feeRouter: 'feeRouter',
  rewardDistributor: 'distributor',
}

export async function startWorld(): Promise<World> {
  const anvil = await startAnvil({ chainId })
  try {
    return await createWorld(anvil)
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

/** Sends from any account: anvil needs no key for it. Nothing happens before the next block is made. */
export async function sendUnsigned(
  anvil: Anvil,
  { from, to, data }: { from: Address; to?: Address; data: Hex },
): Promise<Hex> {
  // The hash of a transaction is hex.
  return (await anvil.ask('eth_sendTransaction', [{ from, to, data, gas: gasMax }])) as Hex
}

async function createWorld(anvil: Anvil): Promise<World> {
  const reader = createReader({ url: anvil.url, chainId })
  const deployer = mnemonicToAccount(anvilAccount.mnemonic, { addressIndex: 3 })
  const sender = createWallet({ url: anvil.url, chainId }, deployer)
  // Everything comes into being in one second, as in the model.
  await anvil.ask('evm_setNextBlockTimestamp', [beginSeconds])
  await anvil.ask('anvil_setBlockTimestampInterval', [0])
  const { parts } = await deploySystem({ reader, sender }, deploySettings)
  await anvil.ask('anvil_autoImpersonateAccount', [true])
  await anvil.ask('evm_setAutomine', [false])
  const indemnifier = await createIndemnifier(anvil, reader, { deployer: deployer.address, parts })
  const cast = createCast(accountOf(indemnifier))
  const accounts = [...accountsOf(parts), accountOf(indemnifier)]
  const addressOf = (account: Account) =>
    isHolder(account) ? parts[partOfHolder[account]] : addressWith(account)
  await prepare(anvil, parts, { cast, accounts: accounts.map(addressOf) })
  const dispose = () => anvil.stop()
  return { anvil, reader, parts, cast, accounts, addressOf, [Symbol.asyncDispose]: dispose }
}

function isHolder(account: Account): account is Holder {
  return holders.some((holder) => holder === account)
}

async function createIndemnifier(
  anvil: Anvil,
  reader: Reader,
  { deployer, parts }: { deployer: Address; parts: Parts },
): Promise<Address> {
  const args = [parts.ankr] as const
  const data = encodeDeployData({ abi: indemnifierAbi, bytecode: indemnifierBytecode, args })
  const hash = await sendUnsigned(anvil, { from: deployer, data })
  await anvil.ask('evm_mine')
  const { contractAddress } = await reader.getTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('the indemnifier was not created')
  return contractAddress
}

function accountsOf({ timelock }: Parts): Account[] {
  const others = [...Object.values(offices), timelock].map(accountOf)
  return [...keyring.keys(), ...others, ...holders, deadAddress]
}

/** Everybody gets native tokens for gas, and its purse. */
async function prepare(
  anvil: Anvil,
  parts: Parts,
  { cast, accounts }: { cast: Cast; accounts: readonly Address[] },
): Promise<void> {
  for (const account of accounts) {
    await anvil.ask('anvil_setBalance', [account, `0x${(10n ** 24n).toString(16)}`])
  }
  for (const { token, to, amount } of pursesOf(cast)) {
    const args = [addressWith(to), amount] as const
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args })
    await sendUnsigned(anvil, { from: offices.bank, to: parts[token], data })
    await anvil.ask('evm_mine')
  }
}
