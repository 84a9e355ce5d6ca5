import { paramNumbers } from '@mooring/abis/params'
import { type Action, perform } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import { type Account, balanceOf, type Holder, holders } from '@mooring/market/economy/ledger'
import { openEconomy } from '@mooring/market/economy/opening'
import { parameterSheet, paramNames } from '@mooring/market/economy/parameters/sheet'
import { readPart } from '@mooring/onchain/contracts'
import type { PartName } from '@mooring/onchain/deploy/plan'
import {
  membersOf,
  officer,
  type Person,
  player,
  playerNumbers,
  type Service,
  thresholdEach,
} from '@mooring/testkit/economy/people'
import {
  localSupply,
  localUsdPerAnkr,
  playerAnkr,
  playerDollars,
  serviceBond,
} from '@mooring/testkit/economy/start'
import { type Address, isHex } from 'viem'
import type { World } from './world.ts'

/** The reference model of what happens on chain, told of it step by step. */
export type Mirror = {
  readonly economy: Economy
  /** Somebody did something at a second. Throws when the model would refuse it. */
  tell(second: bigint, person: Person, action: Omit<Action, 'caller'>): void
  /** Every balance of everybody in both tokens that is another on chain than in the model, in words. */
  differences(): Promise<string[]>
}

const partOfHolder: Record<Holder, PartName> = {
  stakingPool: 'pool',
  signerSets: 'signerSets',
  ankrEscrow: 'ankrEscrow',
  stableEscrow: 'stableEscrow',
  feeRouter: 'feeRouter',
  rewardDistributor: 'distributor',
}
const services = { Verifier: 'verifier', Gateway: 'gateway', RateSigner: 'rateSigner' } as const

export const accountOf = ({ address }: { address: string }): Account => address.toLowerCase()

/** The model of a local economy that was just started. */
export async function startMirror(world: World): Promise<Mirror> {
  let economy = await openLocal(world)
  const timelock = accountOf({ address: world.deployment.parts.timelock })
  const people = [...officersOf(), ...playerNumbers.map(player), ...servicesOf()].map(accountOf)
  const accounts: Account[] = [...people, timelock, ...holders]
  return {
    get economy() {
      return economy
    },
    tell: (second, person, action) => {
      // A name keeps its arguments when the caller is added to them.
      const whole = { ...action, caller: accountOf(person) } as Action
      economy = perform(economy, whole, second).economy
    },
    differences: async () => {
      const found = await Promise.all(
        accounts.flatMap((account) => [
          difference(world, economy, 'ankr', account),
          difference(world, economy, 'stable', account),
        ]),
      )
      const supply = await readPart(world, 'ankr', 'totalSupply', [])
      const expected = economy.ledger.supply.ankr
      const all = [...found, supply === expected ? '' : `supply is ${supply}, not ${expected}`]
      return all.filter((text) => text !== '')
    },
  }
}

async function difference(
  world: World,
  { ledger }: Economy,
  token: 'ankr' | 'stable',
  account: Account,
): Promise<string> {
  const found = await readPart(world, token, 'balanceOf', [addressOf(world, account)])
  const expected = balanceOf(ledger, token, account)
  if (found === expected) return ''
  return `${account} has ${found} of ${token} on chain and ${expected} in the model`
}

function addressOf({ deployment }: World, account: Account): Address {
  const holder = holders.find((name) => name === account)
  if (holder !== undefined) return deployment.parts[partOfHolder[holder]]
  if (!isHex(account)) throw new RangeError(`${account} is no account`)
  return account
}

async function openLocal(world: World): Promise<Economy> {
  const start = await readPart(world, 'params', 'epochStart', [0n])
  const timelock = accountOf({ address: world.deployment.parts.timelock })
  const holder = officer('holder')
  const opened = openEconomy({
    start,
    sheet: await readSheet(world),
    roles: {
      governor: timelock,
      guardian: accountOf(officer('guardian')),
      admissions: accountOf(officer('admissions')),
      slasher: accountOf(officer('slasher')),
    },
    treasury: timelock,
    recipients: {
      Treasury: timelock,
      Grants: accountOf(officer('grants')),
      Auditors: accountOf(officer('auditors')),
      Protection: accountOf(officer('protection')),
    },
    ankrBurnable: true,
    rate: localUsdPerAnkr,
    stableDecimals: 6n,
    sets: {
      Verifier: setOf('verifier'),
      Gateway: setOf('gateway'),
      RateSigner: setOf('rateSigner'),
    },
    waitingMax: 64,
    purses: {
      ankr: new Map([[accountOf(holder), localSupply]]),
      stable: new Map([[accountOf(holder), await readPart(world, 'stable', 'totalSupply', [])]]),
    },
  })
  const now = await world.now()
  return equipment(accountOf(holder)).reduce(
    (economy, action) => perform(economy, action, now).economy,
    opened,
  )
}

/** What a local economy does for its people before they come. */
function equipment(caller: Account): Action[] {
  return [
    ...playerNumbers.flatMap((number): Action[] => [
      {
        name: 'transfer',
        caller,
        args: { token: 'ankr', to: accountOf(player(number)), amount: playerAnkr },
      },
      {
        name: 'transfer',
        caller,
        args: { token: 'stable', to: accountOf(player(number)), amount: playerDollars },
      },
    ]),
    ...servicesOf().map(
      (person): Action => ({
        name: 'depositBond',
        caller,
        args: { signer: accountOf(person), amount: serviceBond },
      }),
    ),
    ...(['Verifier', 'Gateway', 'RateSigner'] as const).map(
      (role): Action => ({
        name: 'installSet',
        caller,
        args: { role },
      }),
    ),
  ]
}

function setOf(service: Service) {
  return { members: membersOf(service).map(accountOf), threshold: BigInt(thresholdEach) }
}

function servicesOf(): Person[] {
  return Object.values(services).flatMap(membersOf)
}

function officersOf(): Person[] {
  return (
    [
      'holder',
      'deployer',
      'governor',
      'guardian',
      'admissions',
      'slasher',
      'grants',
      'auditors',
      'protection',
    ] as const
  ).map(officer)
}

async function readSheet(world: World): Promise<typeof parameterSheet> {
  const rows = await Promise.all(
    paramNames.map(async (name) => {
      const described = await readPart(world, 'params', 'describe', [paramNumbers[name]])
      const [value, , , min, max] = described
      return [name, { value, min, max }] as const
    }),
  )
  return { ...parameterSheet, ...Object.fromEntries(rows) }
}
