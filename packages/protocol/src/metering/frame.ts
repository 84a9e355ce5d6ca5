import type { UsageLine } from './wire.ts'

/**
 * The text of frames, in the log of a gateway and in its copies at witnesses: lines, each with the CRC-32 of what follows
 * in eight hexadecimal digits, a space, and JSON. A line without an end, or with a wrong sum, was not written as a whole.
 */

/** What was used in one turn of a gateway's event loop. */
export type Frame = { sequence: number; usage: UsageLine[] }

export type Lines = {
  lineOf(json: string): string
  /** @returns Undefined where the sum does not fit. @param line - Without its end. */
  jsonOf(line: string): string | undefined
  /** The JSON of whole lines; a last one that was not written as a whole is left out. Throws `WrongSum`. */
  jsonsOf(text: string): string[]
}

/** A line that has an end and another sum: it was changed after it was written. */
export class WrongSum extends Error {
  override name = 'WrongSum'
}

/** @param crc32 - Of a text as UTF-8: the system's is many times as fast as one that is written here. */
export function createLines(crc32: (text: string) => number): Lines {
  const sumOf = (json: string) => crc32(json).toString(16).padStart(8, '0')
  const jsonOf = (line: string) => {
    const json = line.slice(9)
    return line[8] === ' ' && line.slice(0, 8) === sumOf(json) ? json : undefined
  }
  return {
    lineOf: (json) => `${sumOf(json)} ${json}\n`,
    jsonOf,
    jsonsOf(text) {
      const parts = text.split('\n')
      const torn = parts.pop() ?? ''
      const count = parts.length + (torn === '' ? 0 : 1)
      return parts.map((line, at) => {
        const json = jsonOf(line)
        if (json === undefined) throw new WrongSum(`a wrong sum in line ${at + 1} of ${count}`)
        return json
      })
    },
  }
}

/** @param usage - Lines of usage as JSON. */
export function frameJson(sequence: number, usage: readonly string[]): string {
  return `{"sequence":${sequence},"usage":[${usage.join(',')}]}`
}

/** @returns Undefined where it is no frame. */
export function parseFrame(json: string): Frame | undefined {
  const value: unknown = JSON.parse(json)
  const { sequence, usage } = Object(value) as Record<string, unknown>
  if (!isCount(sequence) || sequence === 0 || !Array.isArray(usage)) return undefined
  return usage.every(isUsageLine) ? { sequence, usage } : undefined
}

function isUsageLine(value: unknown): value is UsageLine {
  const line = Object(value) as Record<string, unknown>
  const isTexts = ['key', 'chain', 'method', 'status'].every((name) => isText(line[name]))
  const isCounts = ['hour', 'requests', 'credits'].every((name) => isCount(line[name]))
  const isOwned = line.account === null || isText(line.account)
  return isTexts && isCounts && isOwned && typeof line.ownPurse === 'boolean'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
