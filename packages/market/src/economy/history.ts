/** Values by when they came into force, newest first. Shares its tail, so that adding copies nothing. */
export type History<T> = {
  /** Inclusive: a second or an epoch. */
  from: bigint
  value: T
  earlier: History<T> | undefined
}

/** Adds what holds from `from` on; a later word about the same moment replaces the one before. */
export function recorded<T>(history: History<T> | undefined, from: bigint, value: T): History<T> {
  if (history === undefined || history.from < from) return { from, value, earlier: history }
  if (history.from === from) return { from, value, earlier: history.earlier }
  throw new RangeError(`${from} comes before ${history.from}, which is recorded already`)
}

/** What held at `at`; undefined before the first record. */
export function valueAt<T>(history: History<T> | undefined, at: bigint): T | undefined {
  let record = history
  while (record !== undefined && record.from > at) record = record.earlier
  return record?.value
}
