import type { Address, Hex } from 'viem'

/** What a deployment is made with. Everything is decided here; the plan only wires. */
export type DeploySettings = {
  /** An ANKR that exists, or the account that receives the supply of a new one, in base units. */
  ankr: { address: Address; burnable: boolean } | { holder: Address; supply: bigint }
  /** A stablecoin that exists, or the holder of one for a local network. */
  stable: { address: Address; decimals: number } | { holder: Address }
  timelock: { delaySeconds: bigint; proposers: readonly Address[]; executors: readonly Address[] }
  guardian: Address
  admissions: Address
  /** Nobody yet: undefined. */
  slasher: Address | undefined
  /** Where the shares of the fees go; undefined is the timelock itself. */
  recipients: {
    treasury?: Address | undefined
    grants: Address
    auditors: Address
    protection: Address
  }
  signers: Record<SignerRoleName, SignerSetSettings>
  /** USD per ANKR times 1e18, until the rate signers speak. */
  initialUsdPerAnkr: bigint
  /** The first table of prices, and where its file is; undefined is the newest that this version comes with. */
  prices?: { hash: Hex; uri: string } | undefined
  /** Parameters that start other than by default, by their name in `Params.sol`. */
  params: readonly { param: number; value: bigint }[]
}

export type SignerSetSettings = { members: readonly Address[]; threshold: number }
/** In the order of the constructor of `SignerSets`, and of `SignerRole` from 1 on. */
export const signerRoleNames = ['verifier', 'gateway', 'rateSigner'] as const
export type SignerRoleName = (typeof signerRoleNames)[number]
