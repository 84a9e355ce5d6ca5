import { tokenScale } from '@mooring/protocol/units'

/** One number of the economy: what holds at the start, and the bounds nobody can change. */
export type ParameterRow = { value: bigint; min: bigint; max: bigint }

const hour = 3_600n
const day = 24n * hour
const whole = 1_000_000n

const ankr = (value: bigint, min: bigint, max: bigint): ParameterRow => ({
  value: value * tokenScale,
  min: min * tokenScale,
  max: max * tokenScale,
})
const row = (value: bigint, min: bigint, max: bigint): ParameterRow => ({ value, min, max })
const unbounded = 10n ** 10n

/**
 * Seconds, PPM, base units of ANKR or plain counts, as the name says. In the order of the contract's storage,
 * so that a row's place is its number on chain.
 */
export const parameterSheet = {
  EpochSeconds: row(7n * day, hour, 14n * day),
  SelfStakePerNode: ankr(100_000n, 10_000n, 1_000_000n),
  NodesPerProviderMax: row(100n, 1n, 1_000n),
  TopUpSeconds: row(7n * day, hour, 30n * day),
  JailSecondsMax: row(30n * day, hour, 365n * day),
  CommissionMaxPpm: row(300_000n, 0n, 300_000n),
  CommissionRiseMaxPpm: row(50_000n, 1n, 300_000n),
  CommissionNoticeEpochs: row(2n, 1n, 10n),
  DelegationMin: ankr(1_000n, 1n, 10_000n),
  DelegationRatioMax: row(16n, 1n, 50n),
  DelegationCapTotal: ankr(0n, 0n, unbounded),
  DelegationCapPerAddress: ankr(0n, 0n, unbounded),
  DelegationCapEndEpoch: row(0n, 0n, 1_000_000n),
  UnbondingSelfSeconds: row(28n * day, 14n * hour, 60n * day),
  UnbondingDelegatorSeconds: row(22n * day, 14n * hour, 60n * day),
  UnbondingRequestsMax: row(32n, 1n, 100n),
  RootDelaySeconds: row(2n * day, hour, 7n * day),
  DisputeOpenSeconds: row(7n * day, hour, 14n * day),
  DisputeResolveSeconds: row(5n * day, hour, 14n * day),
  EscrowFirstDepositMin: ankr(1_000n, 1n, 100_000n),
  EscrowTopUpMin: ankr(1n, 0n, 1_000n),
  ChargePeriodSeconds: row(12n * hour, hour, 7n * day),
  ChargeDelaySeconds: row(6n * hour, 0n, 7n * day),
  WithdrawDelaySeconds: row(2n * day, 2n * hour, 7n * day),
  PeriodCapPpm: row(100_000n, 10_000n, whole),
  PeriodCapMin: ankr(500n, 0n, 100_000n),
  FeeProvidersPpm: row(800_000n, 600_000n, whole),
  FeeTreasuryPpm: row(80_000n, 0n, 200_000n),
  FeeGrantsPpm: row(20_000n, 0n, 200_000n),
  FeeAuditorsPpm: row(20_000n, 0n, 200_000n),
  FeeProtectionPpm: row(30_000n, 0n, 200_000n),
  FeeBurnPpm: row(50_000n, 0n, 200_000n),
  AnkrDiscountPpm: row(100_000n, 0n, 200_000n),
  RateMoveMaxPpm: row(200_000n, 10_000n, 500_000n),
  RateDayMoveMaxPpm: row(600_000n, 10_000n, 900_000n),
  RateStaleSeconds: row(hour, 60n, day),
  AuctionSeconds: row(hour, 60n, 7n * day),
  AuctionStartPpm: row(1_100_000n, whole, 2n * whole),
  AuctionFloorPpm: row(950_000n, 500_000n, whole),
  AuctionLotMin: ankr(1_000n, 1n, unbounded),
  AuctionLotMax: ankr(1_000_000n, 1n, unbounded),
  SignerBond: ankr(10_000n, 0n, 1_000_000n),
  SignerRotationSeconds: row(2n * day, hour, 30n * day),
  SignerExitSeconds: row(28n * day, hour, 60n * day),
} as const satisfies Record<string, ParameterRow>

export type Param = keyof typeof parameterSheet

// The keys of a literal record are the keys of its type.
export const paramNames = Object.keys(parameterSheet) as Param[]

export type ParameterSheet = Readonly<Record<Param, ParameterRow>>
export type ParamValues = Readonly<Record<Param, bigint>>

export function valuesOf(sheet: ParameterSheet): ParamValues {
  return mapped((name) => sheet[name].value)
}

/** A record with every parameter, each value made from its name. */
export function mapped(make: (name: Param) => bigint): ParamValues {
  // Every name is in the list, so every member is there.
  return Object.fromEntries(paramNames.map((name) => [name, make(name)])) as ParamValues
}
