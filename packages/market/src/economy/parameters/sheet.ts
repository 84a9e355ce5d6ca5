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
/** What an amount that is no limit is set to; the most the contract's storage holds. */
const noLimit = 2n ** 112n - 1n

/**
 * Seconds, PPM, base units of ANKR or plain counts, as the name says. In the order of the contract's storage,
 * so that a row's place is its number on chain.
 */
export const parameterSheet = {
  EpochSeconds: row(7n * day, hour, 14n * day),
  SelfStakePerNode: ankr(100_000n, 10_000n, 1_000_000n),
  NodesPerProviderMax: row(64n, 1n, 128n),
  TopUpSeconds: row(7n * day, hour, 30n * day),
  JailSecondsMax: row(30n * day, hour, 90n * day),
  CommissionMaxPpm: row(300_000n, 0n, 300_000n),
  CommissionRiseMaxPpm: row(50_000n, 1n, 50_000n),
  CommissionNoticeEpochs: row(2n, 2n, 8n),
  DelegationMin: ankr(1_000n, 1n, 10_000n),
  DelegationRatioMax: row(16n, 1n, 50n),
  DelegationCapTotal: row(noLimit, 0n, noLimit),
  DelegationCapPerAddress: row(noLimit, 0n, noLimit),
  DelegationCapEndEpoch: row(0n, 0n, 2n ** 32n - 1n),
  UnbondingSelfSeconds: row(28n * day, 14n * day, 60n * day),
  UnbondingDelegatorSeconds: row(22n * day, 14n * day, 60n * day),
  UnbondingRequestsMax: row(32n, 1n, 64n),
  RootDelaySeconds: row(2n * day, day, 7n * day),
  DisputeOpenSeconds: row(7n * day, day, 14n * day),
  DisputeResolveSeconds: row(5n * day, day, 10n * day),
  EscrowFirstDepositMin: ankr(1_000n, 1n, 100_000n),
  EscrowTopUpMin: row(tokenScale, 1n, 1_000n * tokenScale),
  ChargePeriodSeconds: row(12n * hour, hour, day),
  ChargeDelaySeconds: row(12n * hour, hour, 2n * day),
  WithdrawDelaySeconds: row(2n * day, 3n * hour, 7n * day),
  PeriodCapPpm: row(100_000n, 10_000n, whole),
  PeriodCapMin: ankr(500n, 1n, 100_000n),
  FeeProvidersPpm: row(800_000n, 600_000n, whole),
  FeeTreasuryPpm: row(80_000n, 0n, 300_000n),
  FeeGrantsPpm: row(20_000n, 0n, 200_000n),
  FeeAuditorsPpm: row(20_000n, 0n, 200_000n),
  FeeProtectionPpm: row(30_000n, 0n, 200_000n),
  FeeBurnPpm: row(50_000n, 0n, 200_000n),
  AnkrDiscountPpm: row(100_000n, 0n, 240_000n),
  RateMoveMaxPpm: row(200_000n, 1_000n, 500_000n),
  RateDayMoveMaxPpm: row(600_000n, 1_000n, 900_000n),
  RateStaleSeconds: row(hour, 60n, day),
  AuctionSeconds: row(6n * hour, 600n, 7n * day),
  AuctionStartPpm: row(1_100_000n, whole, 2n * whole),
  AuctionFloorPpm: row(900_000n, 500_000n, whole),
  AuctionLotMin: ankr(300n, 1n, 1_000_000n),
  AuctionLotMax: ankr(1_000_000n, 1n, 100_000_000n),
  SignerBond: ankr(10_000n, 0n, 10_000_000n),
  SignerRotationSeconds: row(2n * day, hour, 14n * day),
  SignerExitSeconds: row(28n * day, 7n * day, 90n * day),
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
