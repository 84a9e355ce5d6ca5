import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Frame, parseFrame, WrongSum } from '@mooring/protocol/metering/frame'
import { UnusableDirectory } from '@mooring/settings/held-directory'
import { z } from 'zod'
import { jsonsOf, lineOf } from './frame.ts'

/** Frames that one epoch has written, in files of the directory. */
export type LoggedEpoch = {
  instance: string
  epoch: number
  /** In order and without a gap. */
  frames: Frame[]
  files: string[]
}

/** `{epoch}-{first frame}.frames`, in so many digits that the names sort as the numbers do. */
export function segmentName(epoch: number, first: number): string {
  return `${String(epoch).padStart(12, '0')}-${String(first).padStart(16, '0')}.frames`
}

const segmentSyntax = /^(\d{12})-(\d{16})\.frames$/

const segmentHead = z.object({ instance: z.string(), epoch: z.int() })

/** The first line of each file. */
export function headOf(instance: string, epoch: number): string {
  return lineOf(JSON.stringify({ instance, epoch }))
}

/**
 * What earlier processes have left in a directory. A frame that was not written as a whole is the end of its file: its
 * replies never left. Where another file of an epoch begins, what earlier ones have from that number on is void: it was
 * not stored, and the numbers were given anew. Throws `UnusableDirectory` for anything else that is wrong.
 */
export function readEpochs(directory: string): LoggedEpoch[] {
  const epochs = new Map<string, LoggedEpoch>()
  const names = readdirSync(directory).filter((name) => segmentSyntax.test(name))
  names.sort()
  for (const [at, name] of names.entries()) {
    const file = join(directory, name)
    const [head, ...rest] = linesOf(file)
    // Begun and not written, so there is nothing in it but what its name says.
    if (head === undefined) {
      const named = [...epochs.values()].findLast(({ epoch }) => epoch === numbersOf(name).epoch)
      if (named === undefined) rmSync(file)
      else named.files.push(file)
      continue
    }
    const begun = segmentHead.safeParse(JSON.parse(head)).data
    if (begun === undefined) throw damaged(file, 'does not begin as a log does')
    const { instance, epoch } = begun
    const key = `${epoch} ${instance}`
    const logged = epochs.get(key) ?? { instance, epoch, frames: [], files: [] }
    epochs.set(key, logged)
    logged.files.push(file)
    const next = numbersOf(names[at + 1] ?? '')
    const end = next.epoch === epoch ? next.first : Number.POSITIVE_INFINITY
    for (const frame of framesOf(rest, file)) {
      if (frame.sequence < end) appendFrame(logged.frames, frame, file)
    }
  }
  return [...epochs.values()]
}

/** Nothing in them is wanted any more. */
export function removeFilesOf({ files }: LoggedEpoch): void {
  for (const file of files) rmSync(file, { force: true })
}

/** Where frame `last` ends in a file that begins with no later one, in bytes. */
export function endOf(file: string, last: number): number {
  const [head = '', ...rest] = linesOf(file)
  const kept = framesOf(rest, file).filter(({ sequence }) => sequence <= last)
  return [head, ...rest.slice(0, kept.length)].reduce(
    (bytes, json) => bytes + Buffer.byteLength(lineOf(json)),
    0,
  )
}

function numbersOf(name: string): { epoch: number; first: number } {
  const [, epoch, first] = segmentSyntax.exec(name) ?? []
  return { epoch: Number(epoch), first: Number(first) }
}

function framesOf(jsons: readonly string[], file: string): Frame[] {
  return jsons.map((json) => {
    const frame = parseFrame(json)
    if (frame === undefined) throw damaged(file, 'holds a line that is no frame')
    return frame
  })
}

function appendFrame(frames: Frame[], frame: Frame, file: string): void {
  const last = frames.at(-1)
  if (last !== undefined && frame.sequence !== last.sequence + 1) {
    throw damaged(file, `has frame ${frame.sequence} after frame ${last.sequence}`)
  }
  frames.push(frame)
}

/** The JSON of its whole lines. */
function linesOf(file: string): string[] {
  const bytes = readFileSync(file)
  // Files are full of zeros before they are written, and no text has one.
  const zero = bytes.indexOf(0)
  try {
    return jsonsOf(bytes.toString('utf8', 0, zero === -1 ? bytes.length : zero))
  } catch (error) {
    throw error instanceof WrongSum ? damaged(file, `has ${error.message}`) : error
  }
}

function damaged(file: string, what: string): UnusableDirectory {
  return new UnusableDirectory(
    `${file} ${what}: what it says was used cannot be charged. Restore it, or move it to another directory to go on without it.`,
  )
}
