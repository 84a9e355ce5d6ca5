import { formatUnits } from 'viem'
import type { Audit } from './audit.ts'

/** What a market came to, for people. Amounts are of ANKR, rounded down to a millionth; what was compared is exact. */
export function auditText({ cameIn, wentOut, held, providers, epochs, lines }: Audit): string {
  const money = [
    ['deposited', ankr(cameIn), ''],
    ...wentOut.map(({ place, amount }) => [place, '', ankr(amount)]),
    ...held.map(({ place, amount }) => [place, '', ankr(amount)]),
    [
      'altogether',
      ankr(cameIn),
      ankr([...wentOut, ...held].reduce((sum, { amount }) => sum + amount, 0n)),
    ],
  ]
  return [
    table(
      ['PROVIDER', 'WHAT IT DOES', 'RELAYS', 'FAILED', 'LATE', 'CREDITS', 'ITSELF', 'DELEGATORS'],
      providers.map((one) => [
        ...[one.name, one.does, String(one.relays), String(one.failed), String(one.late)],
        ...[String(one.credits), ankr(one.toProvider), ankr(one.toDelegators)],
      ]),
    ),
    table(
      ['EPOCH', 'CREDITS CHARGED', 'TO DIVIDE', 'PAID', 'WITHHELD', 'RECEIPTS'],
      epochs.map((one) => [
        ...[String(one.number), String(one.charged), ankr(one.available), ankr(one.paid)],
        ...[ankr(one.withheld), String(one.receipts)],
      ]),
    ),
    table(['WHERE THE MONEY IS', 'IN', 'OUT OR HELD'], money),
    table(
      ['COMPARED', 'AGREES'],
      lines.map(({ what, expected, found }) => [what, expected === found ? 'to the unit' : 'NO']),
    ),
  ].join('\n')
}

function ankr(amount: bigint): string {
  const [whole = '0', part = ''] = formatUnits(amount, 18).split('.')
  return `${whole}.${part.padEnd(6, '0').slice(0, 6)}`
}

/** The first two columns are words, numbers stand to the right. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows]
  const widths = titles.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  const isNumber = (at: number) => rows.some((row) => /^[\d.]+$/.test(row[at] ?? ''))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) =>
        isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return `${all.map(line).join('\n')}\n`
}
