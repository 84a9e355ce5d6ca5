import {
  advancedGroup,
  type MixShare,
  type PriceClass,
  type PriceClasses,
  type PriceTable,
} from './price-table.ts'

export const wholeMixPpm = 1_000_000

/** What a share of the mix is of; undefined where the table has no such class. */
export function classOfShare(table: PriceTable, share: MixShare): PriceClass | undefined {
  const classes = classesOf(table, share.group)
  return classes !== undefined && Object.hasOwn(classes, share.class)
    ? classes[share.class]
    : undefined
}

/**
 * A million times the mean price of the published mix, sent over HTTP; exact. Shares of classes that do not exist
 * count nothing.
 */
export function mixSumCredits(table: PriceTable): bigint {
  const { surchargeCredits } = table.transports.http
  let sum = 0n
  for (const share of table.mix) {
    const found = classOfShare(table, share)
    if (found !== undefined)
      sum += BigInt(share.sharePpm) * BigInt(found.credits + surchargeCredits)
  }
  return sum
}

function classesOf({ families, advanced }: PriceTable, group: string): PriceClasses | undefined {
  if (group === advancedGroup) return advanced.classes
  return Object.hasOwn(families, group) ? families[group]?.classes : undefined
}
