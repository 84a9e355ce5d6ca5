import type { PartName } from '@mooring/onchain/deploy/plan'
import type { Deployment } from '@mooring/onchain/deployment'

const titles: Readonly<Record<PartName, string>> = {
  bootstrap: 'the bootstrap',
  manager: 'the access manager',
  timelock: 'the timelock',
  ankr: 'ANKR',
  stable: 'the stablecoin',
  params: 'the parameters',
  signerSets: 'the signer sets',
  rateFeed: 'the rate feed',
  registry: 'the registry',
  pool: 'the staking pool',
  epochs: 'the epochs',
  distributor: 'the distributor',
  feeRouter: 'the fee router',
  ankrEscrow: 'the ANKR escrow',
  stableEscrow: 'the stablecoin escrow',
  priceBook: 'the price book',
}

/** A contract by what people call it, with its address: `the staking pool (0x…)`. */
export function contractTitle({ parts }: Deployment, address: string): string {
  const found = Object.entries(parts).find(([, at]) => at.toLowerCase() === address.toLowerCase())
  // The keys of the record are those of the deployment's.
  const title = found === undefined ? undefined : titles[found[0] as PartName]
  return title === undefined ? address : `${title} (${address})`
}
