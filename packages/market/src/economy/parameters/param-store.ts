import type { Seconds } from '@mooring/protocol/units'
import { refuseIf } from '../refused.ts'
import { type EpochClock, epochAt, startClock, stretched, withoutStretch } from './epoch-clock.ts'
import { brokenRules } from './rules.ts'
import { mapped, type Param, type ParameterSheet, type ParamValues, valuesOf } from './sheet.ts'

export type ParamChange = { param: Param; value: bigint }

/** The parameters, the one set of changes that may be waiting, and the clock they are timed by. */
export type ParamStore = {
  sheet: ParameterSheet
  /** In force before the changes that wait, if any do. */
  values: ParamValues
  waiting: { effectiveEpoch: bigint; changes: readonly ParamChange[] } | undefined
  clock: EpochClock
}

export function createParamStore(sheet: ParameterSheet, start: Seconds): ParamStore {
  const values = valuesOf(sheet)
  return { sheet, values, waiting: undefined, clock: startClock(start, values.EpochSeconds) }
}

/** The values in force at a moment, which is not before the last one that was asked for a change. */
export function valuesAt(store: ParamStore, now: Seconds): ParamValues {
  const { waiting, values, clock } = store
  if (waiting === undefined || epochAt(clock, now) < waiting.effectiveEpoch) return values
  return withChanges(values, waiting.changes)
}

/** Announces changes for an epoch that has not begun. Bounds and rules are looked at now. */
export function announced(
  store: ParamStore,
  asked: { changes: readonly ParamChange[]; effectiveEpoch: bigint },
  now: Seconds,
): ParamStore {
  const { changes, effectiveEpoch } = asked
  const settled = settledAt(store, now)
  const after = withChanges(settled.values, changes)
  refuseIf({
    ParamStoreNothingToChange: changes.length === 0,
    ParamStoreChangesWaiting: settled.waiting !== undefined,
    ParamStoreEpochTooSoon: effectiveEpoch <= epochAt(store.clock, now),
    ParamStoreDuplicate: new Set(changes.map(({ param }) => param)).size < changes.length,
    ParamStoreOutOfBounds: changes.some((change) => isOutOfBounds(store.sheet, change)),
    ParamStoreRuleBroken: brokenRules(after).length > 0,
  })
  const clock =
    after.EpochSeconds === settled.values.EpochSeconds
      ? store.clock
      : stretched(store.clock, effectiveEpoch, after.EpochSeconds)
  return { ...settled, waiting: { effectiveEpoch, changes }, clock }
}

/** Takes back the changes that have not taken effect. */
export function cancelled(store: ParamStore, now: Seconds): ParamStore {
  const settled = settledAt(store, now)
  const { waiting } = settled
  refuseIf({ ParamStoreNothingWaiting: waiting === undefined })
  if (waiting === undefined) return settled
  const clock = withoutStretch(settled.clock, waiting.effectiveEpoch)
  return { ...settled, waiting: undefined, clock }
}

/** Makes changes whose epoch has begun part of the values. */
function settledAt(store: ParamStore, now: Seconds): ParamStore {
  const values = valuesAt(store, now)
  return values === store.values ? store : { ...store, values, waiting: undefined }
}

function withChanges(values: ParamValues, changes: readonly ParamChange[]): ParamValues {
  return mapped((name) => changes.find(({ param }) => param === name)?.value ?? values[name])
}

function isOutOfBounds(sheet: ParameterSheet, { param, value }: ParamChange): boolean {
  return value < sheet[param].min || value > sheet[param].max
}
