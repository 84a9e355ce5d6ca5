import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import { epochNow, valuesNow } from '@mooring/market/economy/economy'
import { epochStart } from '@mooring/market/economy/parameters/epoch-clock'
import { paramNames } from '@mooring/market/economy/parameters/sheet'
import { type RowsOf, rowsFrom } from './row.ts'

/** Every value in force, what waits, and the clock around now. */
export const parameterRows: RowsOf = ({ parts }, economy) => {
  const { sheet, waiting, clock } = economy.params
  const values = valuesNow(economy)
  const epoch = epochNow(economy)
  const waits = waiting !== undefined && waiting.effectiveEpoch > epoch ? waiting : undefined
  const changes = waits?.changes ?? []
  const row = rowsFrom('params', parts.params, paramStoreAbi)
  return [
    row('currentEpoch', [], epoch),
    ...[epoch - 1n, epoch, epoch + 1n, epoch + 4n]
      .filter((number) => number >= 0n)
      .map((number) => row('epochStart', [number], epochStart(clock, number))),
    row(
      'waiting',
      [],
      [
        changes.map(({ param, value }) => ({ param: paramNumbers[param], value })),
        waits?.effectiveEpoch ?? 0n,
      ],
    ),
    ...paramNames.map((name) => {
      const { min, max } = sheet[name]
      const next = changes.find(({ param }) => param === name)
      const value = values[name]
      const nextEpoch = next === undefined ? 0n : waits?.effectiveEpoch
      const expected = [value, next?.value ?? value, nextEpoch, min, max]
      return row('describe', [paramNumbers[name]], expected)
    }),
  ]
}
