import { creditsPerUsd } from '../metering/credits.ts'
import { classOfShare, mixSumCredits, wholeMixPpm } from './mix.ts'
import { advancedGroup, isAdvanced, type PriceClasses, type PriceTable } from './price-table.ts'
import { type Check, integer, list, record, rows, text } from './table-fields.ts'

export type ParsedPriceTable = { ok: true; table: PriceTable } | { ok: false; problems: string[] }

/**
 * Checks a table of prices.
 *
 * @param value - The file's JSON.
 * @returns The table, or every problem found, each naming its field and what is allowed.
 */
export function parsePriceTable(value: unknown): ParsedPriceTable {
  const wrongFields = tableCheck(value, '')
  if (wrongFields.length > 0) return { ok: false, problems: wrongFields }
  // Every field was checked just now by the rule that stands under its name.
  const table = value as PriceTable
  const problems = [...methodProblems(table), ...mixProblems(table)]
  return problems.length > 0 ? { ok: false, problems } : { ok: true, table }
}

/** With all that may be added to it a price stays far below what a number holds exactly. */
const creditsMax = 1_000_000_000
const familiesMax = 256
const classesMax = 64
const methodsMax = 2_000
const mixMax = 1_000

/** A call for nothing would be served without end. */
const price = integer(1, creditsMax)
const familyName = {
  form: /^[a-z][a-z0-9_]{0,31}$/,
  words: '1 to 32 lower case letters, digits and underscores',
  max: familiesMax,
}
const className = {
  form: /^[a-z][a-zA-Z0-9]{0,31}$/,
  words: '1 to 32 letters and digits',
  max: classesMax,
}
const methodName = text(/^[\x21-\x7e]{1,128}$/, 'the name of a method: 1 to 128 printable signs')
const classes = rows(
  className,
  record({ credits: price, methods: list({ min: 1, max: methodsMax }, methodName) }),
)
const surcharge = record({ surchargeCredits: integer(0, creditsMax) })

const tableCheck = record({
  version: integer(1, 9_999),
  // What is bought is counted by this number, so a table cannot have another.
  creditsPerUsd: integer(Number(creditsPerUsd), Number(creditsPerUsd)),
  meanCredits: price,
  transports: record({ http: surcharge, websocket: surcharge }),
  default: record({ credits: price, notificationCredits: price }),
  families: rows(
    familyName,
    record({ defaultCredits: price, notificationCredits: price, classes }),
  ),
  advanced: record({ defaultCredits: price, classes }),
  mix: list(
    { min: 1, max: mixMax },
    record({
      group: text(familyName.form, familyName.words),
      class: text(className.form, className.words),
      sharePpm: integer(1, wholeMixPpm),
    }),
  ),
} satisfies Record<keyof PriceTable, Check>)

function methodProblems({ families, advanced }: PriceTable): string[] {
  const problems = Object.entries(families).flatMap(([family, prices]) =>
    problemsOfGroup(`families.${family}`, prices.classes, { isAdvanced: false }),
  )
  if (Object.hasOwn(families, advancedGroup)) {
    problems.push(`\`families.${advancedGroup}\` has the name that the mix uses for \`advanced\``)
  }
  return [...problems, ...problemsOfGroup(advancedGroup, advanced.classes, { isAdvanced: true })]
}

function problemsOfGroup(
  path: string,
  group: PriceClasses,
  wanted: { isAdvanced: boolean },
): string[] {
  const names = Object.values(group).flatMap(({ methods }) => methods)
  const misplaced = names.filter((name) => isAdvanced(name) !== wanted.isAdvanced)
  return [
    ...repeatedIn(names).map((name) => `\`${path}\` names \`${name}\` twice`),
    ...misplaced.map((name) =>
      wanted.isAdvanced
        ? `\`${path}\` names \`${name}\`, which does not begin with ankr_: it belongs to a family`
        : `\`${path}\` names \`${name}\`: methods that begin with ankr_ belong to \`advanced\``,
    ),
  ]
}

function mixProblems(table: PriceTable): string[] {
  const { mix, meanCredits } = table
  const names = mix.map((share) => `${share.group}.${share.class}`)
  const problems = [
    ...repeatedIn(names).map((name) => `\`mix\` names ${name} twice`),
    ...mix
      .filter((share) => classOfShare(table, share) === undefined)
      .map(
        (share) => `\`mix\` names ${share.group}.${share.class}, and the table has no such class`,
      ),
  ]
  const sharesPpm = mix.reduce((sum, { sharePpm }) => sum + sharePpm, 0)
  if (sharesPpm !== wholeMixPpm) {
    problems.push(`the shares of \`mix\` add up to ${sharesPpm} ppm, not to ${wholeMixPpm}`)
  }
  // Only a whole mix has a mean.
  return problems.length > 0 ? problems : meanProblems(mixSumCredits(table), meanCredits)
}

function repeatedIn(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return [...new Set(names.filter((name) => seen.size === seen.add(name).size))]
}

function meanProblems(sum: bigint, meanCredits: number): string[] {
  const scale = BigInt(wholeMixPpm)
  if (sum === BigInt(meanCredits) * scale) return []
  const decimals = String(sum % scale).padStart(6, '0')
  return [
    `\`meanCredits\` is ${meanCredits}, and the mean of \`mix\` is ${sum / scale}.${decimals} credits`,
  ]
}
