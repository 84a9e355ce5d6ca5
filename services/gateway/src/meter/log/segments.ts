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
 * What earlier processes have left in a directory. A last line that was not written as a whole is passed over: its replies
 * never left. Throws `UnusableDirectory`
 * for anything else that is wrong.
 */
export function readEpochs(directory: string): LoggedEpoch[] {
  const epochs = new Map<string, LoggedEpoch>()
  const names = readdirSync(directory).filter((name) => segmentSyntax.test(name))
  for (const name of names.sort()) {
    const file = join(directory, name)
    const lines = linesOf(readFileSync(file), file)
    const [head, ...rest] = lines
    // Begun and not written, so there is nothing in it.
    if (head === undefined) {
      rmSync(file)
      continue
    }
    const begun = segmentHead.safeParse(JSON.parse(head)).data
    if (begun === undefined) throw damaged(file, 'does not begin as a log does')
    const { instance, epoch } = begun
    const key = `${epoch} ${instance}`
    const logged = epochs.get(key) ?? { instance, epoch, frames: [], files: [] }
    epochs.set(key, logged)
    logged.files.push(file)
    for (const json of rest) appendFrame(logged.frames, json, file)
  }
  return [...epochs.values()]
}

/** Nothing in them is wanted any more. */
export function removeFilesOf({ files }: LoggedEpoch): void {
  for (const file of files) rmSync(file, { force: true })
}

function appendFrame(frames: Frame[], json: string, file: string): void {
  const frame = parseFrame(json)
  const last = frames.at(-1)
  if (frame === undefined) throw damaged(file, 'holds a line that is no frame')
  if (last !== undefined && frame.sequence !== last.sequence + 1) {
    throw damaged(file, `has frame ${frame.sequence} after frame ${last.sequence}`)
  }
  frames.push(frame)
}

function linesOf(bytes: Buffer, file: string): string[] {
  try {
    return jsonsOf(bytes.toString())
  } catch (error) {
    throw error instanceof WrongSum ? damaged(file, `has ${error.message}`) : error
  }
}

function damaged(file: string, what: string): UnusableDirectory {
  return new UnusableDirectory(
    `${file} ${what}: what it says was used cannot be charged. Restore it, or move it to another directory to go on without it.`,
  )
}
