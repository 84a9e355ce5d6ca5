import { newestTable } from '@mooring/market/pricing/bundled-tables'
import {
  type Abi,
  type Address,
  encodeDeployData,
  getContractAddress,
  type Hex,
  zeroAddress,
} from 'viem'
import { artifacts } from './artifacts.ts'
import { type DeploySettings, type SignerSetSettings, signerRoleNames } from './settings.ts'

/**
 * The parts of a deployment in the order of their creation. The names are those of the deployment file; the parts
 * name each other in circles, so every address is foretold from the deployer's nonce before anything is sent.
 */
export const partNames = [
  'bootstrap',
  'manager',
  'timelock',
  'ankr',
  'stable',
  'params',
  'signerSets',
  'rateFeed',
  'registry',
  'pool',
  'epochs',
  'distributor',
  'feeRouter',
  'ankrEscrow',
  'stableEscrow',
  'priceBook',
] as const
export type PartName = (typeof partNames)[number]
export type Parts = Record<PartName, Address>

export type Creation = { name: PartName; address: Address; data: Hex }

/** What a part is created from: its artifact, and its constructor's arguments. */
type Recipe = {
  artifact: keyof typeof artifacts
  args: (parts: Parts, settings: DeploySettings) => readonly unknown[]
}

/** USD stablecoins of local networks have six decimals. */
const localDollarDecimals = 6

const recipes: Record<PartName, Recipe> = {
  bootstrap: { artifact: 'bootstrap', args: () => [] },
  manager: { artifact: 'accessManager', args: ({ bootstrap }) => [bootstrap] },
  timelock: {
    artifact: 'timelockController',
    // No administrator besides itself: whoever held that role could skip the delay.
    args: (_, { timelock }) => [
      timelock.delaySeconds,
      timelock.proposers,
      // To the timelock nobody at all is an empty list, and everybody is address zero.
      timelock.executors.length === 0 ? [zeroAddress] : timelock.executors,
      zeroAddress,
    ],
  },
  ankr: {
    artifact: 'ankrToken',
    args: (_, { ankr }) => ('holder' in ankr ? [ankr.holder, ankr.supply] : []),
  },
  stable: {
    artifact: 'localDollar',
    args: (_, { stable }) => ('holder' in stable ? [stable.holder] : []),
  },
  params: { artifact: 'paramStore', args: ({ manager }, { params }) => [manager, params] },
  signerSets: {
    artifact: 'signerSets',
    args: ({ manager, params, ankr }, { signers }) => [
      manager,
      params,
      ankr,
      ...signerRoleNames.map((name) => initialSet(signers[name])),
    ],
  },
  rateFeed: {
    artifact: 'rateFeed',
    args: ({ params, signerSets }, { stable, initialUsdPerAnkr }) => [
      params,
      signerSets,
      'decimals' in stable ? stable.decimals : localDollarDecimals,
      initialUsdPerAnkr,
    ],
  },
  registry: {
    artifact: 'providerRegistry',
    args: ({ manager, params, pool }) => [manager, params, pool],
  },
  pool: {
    artifact: 'stakingPool',
    args: ({ manager, params, registry, ankr, timelock }) => [
      manager,
      params,
      registry,
      ankr,
      timelock,
    ],
  },
  epochs: {
    artifact: 'epochManager',
    args: ({ manager, params, signerSets, distributor }) => [
      manager,
      params,
      signerSets,
      distributor,
    ],
  },
  distributor: {
    artifact: 'rewardDistributor',
    args: ({ params, epochs, registry, pool, feeRouter, ankr }) => [
      params,
      epochs,
      registry,
      pool,
      feeRouter,
      ankr,
    ],
  },
  feeRouter: {
    artifact: 'feeRouter',
    args: ({ manager, params, rateFeed, ankr, stable, distributor, timelock }, settings) => [
      manager,
      params,
      rateFeed,
      ankr,
      stable,
      distributor,
      recipientsOf(settings, timelock),
      'holder' in settings.ankr || settings.ankr.burnable,
    ],
  },
  ankrEscrow: {
    artifact: 'escrow',
    args: ({ manager, params, signerSets, feeRouter, ankr, timelock }) => [
      manager,
      params,
      signerSets,
      feeRouter,
      ankr,
      zeroAddress,
      timelock,
    ],
  },
  stableEscrow: {
    artifact: 'escrow',
    args: ({ manager, params, signerSets, feeRouter, stable, rateFeed, timelock }) => [
      manager,
      params,
      signerSets,
      feeRouter,
      stable,
      rateFeed,
      timelock,
    ],
  },
  priceBook: {
    artifact: 'priceBook',
    args: ({ manager, params }, { prices = newestTable }) => [
      manager,
      params,
      prices.hash,
      prices.uri,
    ],
  },
}

/**
 * What the deployer sends, in order, and where each part will stand.
 *
 * @param deployer - The account that sends every creation, one after the other.
 * @param nonce - Its next nonce; the plan is void once it has sent anything else.
 */
export function planDeployment(
  settings: DeploySettings,
  deployer: Address,
  nonce: bigint,
): { parts: Parts; creations: Creation[] } {
  const given = givenParts(settings)
  const created = partNames.filter((name) => given[name] === undefined)
  const parts = Object.fromEntries(
    partNames.map((name) => [
      name,
      given[name] ??
        getContractAddress({ from: deployer, nonce: nonce + BigInt(created.indexOf(name)) }),
    ]),
    // Every name of the list has been given a value.
  ) as Parts
  const creations = created.map((name) => ({
    name,
    address: parts[name],
    data: creationData(recipes[name], parts, settings),
  }))
  return { parts, creations }
}

function givenParts({ ankr, stable }: DeploySettings): Partial<Parts> {
  return {
    ...('address' in ankr ? { ankr: ankr.address } : {}),
    ...('address' in stable ? { stable: stable.address } : {}),
  }
}

function creationData(recipe: Recipe, parts: Parts, settings: DeploySettings): Hex {
  const { abi, bytecode } = artifacts[recipe.artifact]
  return encodeDeployData({
    // The table holds artifacts of many shapes; their arguments are checked by the encoder and by the deployment's own check.
    abi: abi as Abi,
    bytecode,
    args: [...recipe.args(parts, settings)],
  })
}

function initialSet({ members, threshold }: SignerSetSettings) {
  // The contract wants them in the order it checks signatures in.
  return {
    members: [...members].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)),
    threshold,
  }
}

function recipientsOf({ recipients }: DeploySettings, timelock: Address): readonly Address[] {
  const { treasury = timelock, grants, auditors, protection } = recipients
  return [treasury, grants, auditors, protection]
}

/** The contract that a part is made of, by its name among the artifacts. */
export function artifactOfPart(part: PartName): keyof typeof artifacts {
  return recipes[part].artifact
}
