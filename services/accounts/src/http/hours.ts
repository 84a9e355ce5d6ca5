import { z } from '@hono/zod-openapi'
import { Refusal } from '../refusal.ts'

/** Times in queries and answers about usage: whole hours, UTC, as ISO 8601. */

const hourMs = 3_600_000
const hoursOfDay = 24
const hourText = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:00(?::00(?:\.000)?)?Z)?$/
const words = 'a whole hour in UTC, such as 2026-06-01 or 2026-06-01T13:00:00Z'

export const hourTime = z
  .string()
  .refine((text) => hourOf(text) !== undefined, words)
  .openapi({ description: `${words[0]?.toUpperCase()}${words.slice(1)}.`, example: '2026-06-01' })

/** @returns Hours since 1970; undefined for what is no whole hour. */
function hourOf(text: string): number | undefined {
  if (!hourText.test(text)) return undefined
  const ms = Date.parse(text)
  // A day that no month has is taken for one of the next month.
  if (Number.isNaN(ms) || isoOf(ms).slice(0, 10) !== text.slice(0, 10)) return undefined
  return ms / hourMs
}

export type Hours = { fromHour: number; toHour: number }

/** @param defaultDays - Without a beginning, so many days before the end; without an end, up to and with this hour. */
export function hoursOf(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  { nowMs, defaultDays, daysMax }: { nowMs: number; defaultDays: number; daysMax: number },
): Hours {
  const toHour = (to === undefined ? undefined : hourOf(to)) ?? Math.floor(nowMs / hourMs) + 1
  const given = from === undefined ? undefined : hourOf(from)
  const fromHour = given ?? toHour - defaultDays * hoursOfDay
  if (fromHour >= toHour) {
    throw new Refusal('MALFORMED', 'from: it has to be before `to`, which is not part of the range')
  }
  if (toHour - fromHour > daysMax * hoursOfDay) {
    throw new Refusal(
      'MALFORMED',
      `from: at most ${daysMax} days before \`to\` here: ask for one part after the other`,
    )
  }
  return { fromHour, toHour }
}

export function hourView(hour: number): string {
  return isoOf(hour * hourMs)
}

export function dayView(day: number): string {
  return isoOf(day * hoursOfDay * hourMs).slice(0, 10)
}

/** To the second where it is whole. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

export function msOfHour(hour: number): number {
  return hour * hourMs
}
