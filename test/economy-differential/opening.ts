import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import type { Economy } from '@mooring/market/economy/economy'
import type { Account, Token } from '@mooring/market/economy/ledger'
import { openEconomy } from '@mooring/market/economy/opening'
import {
  type ParameterRow,
  type ParameterSheet,
  paramNames,
} from '@mooring/market/economy/parameters/sheet'
import { erc20Abi } from 'viem'
import { accountOf, offices } from './cast.ts'
import { deploySettings, initialRate, stableDecimals } from './settings.ts'
import type { World } from './world.ts'

/** The model of a world in which nobody has acted; numbers and balances are those on chain. */
export async function openModel(world: World): Promise<Economy> {
  const { reader, parts, cast } = world
  const start = await reader.readContract({
    address: parts.params,
    abi: paramStoreAbi,
    functionName: 'epochStart',
    args: [0n],
  })
  const timelock = accountOf(parts.timelock)
  const set = { members: cast.signers.slice(0, 4), threshold: 3n }
  const economy = openEconomy({
    start,
    sheet: await readSheet(world),
    roles: {
      governor: timelock,
      guardian: accountOf(offices.guardian),
      admissions: accountOf(offices.admissions),
      slasher: accountOf(offices.slasher),
    },
    treasury: timelock,
    recipients: {
      Treasury: accountOf(offices.treasury),
      Grants: accountOf(offices.grants),
      Auditors: accountOf(offices.auditors),
      Protection: accountOf(offices.protection),
    },
    ankrBurnable: 'holder' in deploySettings.ankr,
    rate: initialRate,
    stableDecimals,
    sets: { Verifier: set, Gateway: set, RateSigner: set },
    waitingMax: 64,
    purses: { ankr: await readPurses(world, 'ankr'), stable: await readPurses(world, 'stable') },
  })
  const { timestamp } = await reader.getBlock()
  return { ...economy, now: timestamp }
}

/** Default and bounds of every parameter, as the chain tells them. */
export async function readSheet({ reader, parts }: World): Promise<ParameterSheet> {
  const rows = await Promise.all(
    paramNames.map(async (name): Promise<[string, ParameterRow]> => {
      const [value, , , min, max] = await reader.readContract({
        address: parts.params,
        abi: paramStoreAbi,
        functionName: 'describe',
        args: [paramNumbers[name]],
      })
      return [name, { value, min, max }]
    }),
  )
  // Every name is in the list, so every member is there.
  return Object.fromEntries(rows) as ParameterSheet
}

async function readPurses(world: World, token: Token): Promise<Map<Account, bigint>> {
  const { reader, parts, accounts, addressOf } = world
  const purses = await Promise.all(
    accounts.map(async (account): Promise<[Account, bigint]> => {
      const balance = await reader.readContract({
        address: parts[token],
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [addressOf(account)],
      })
      return [account, balance]
    }),
  )
  return new Map(purses.filter(([, balance]) => balance > 0n))
}
