import type { Account, Token } from '@mooring/market/economy/ledger'
import type { Cast } from '@mooring/market/economy/sequence/scene'
import type { DeploySettings } from '@mooring/onchain/deploy/settings'
import { addressWith, createCast, offices } from './cast.ts'

export const initialRate = 25_000_000_000_000_000n
export const ankrSupply = 10_000_000_000n * 10n ** 18n
export const stableDecimals = 6n

const whole = 10n ** 18n
// The members do not depend on who covers losses.
const members = createCast('').signers.slice(0, 4).map(addressWith)

export const deploySettings: DeploySettings = {
  ankr: { holder: offices.bank, supply: ankrSupply },
  stable: { holder: offices.bank },
  timelock: { delaySeconds: 172_800n, proposers: [offices.proposer], executors: [] },
  guardian: offices.guardian,
  admissions: offices.admissions,
  slasher: offices.slasher,
  recipients: {
    treasury: offices.treasury,
    grants: offices.grants,
    auditors: offices.auditors,
    protection: offices.protection,
  },
  signers: {
    verifier: { members, threshold: 3 },
    gateway: { members, threshold: 3 },
    rateSigner: { members, threshold: 3 },
  },
  initialUsdPerAnkr: initialRate,
  params: [],
}

/** Who is given what before anything happens; the bank keeps the rest. */
export function pursesOf(cast: Cast): { token: Token; to: Account; amount: bigint }[] {
  const { owners, delegators, consumers, signers, outsider } = cast
  const people = [...owners, ...delegators, ...consumers, ...signers, outsider]
  return [
    ...people.map((to) => ({ token: 'ankr', to, amount: 5_000_000n * whole }) as const),
    { token: 'ankr', to: cast.indemnifier ?? outsider, amount: 1_000_000n * whole },
    ...consumers.map((to) => ({ token: 'stable', to, amount: 10n ** 13n }) as const),
  ]
}
