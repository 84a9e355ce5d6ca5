import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CopyAnswer, CopyList, CopyRefusal } from '@mooring/protocol/metering/copies'
import { WrongSum } from '@mooring/protocol/metering/frame'
import { UnusableDirectory } from '@mooring/settings/held-directory'
import { appendTo, remove, rewrite } from './copy-file.ts'
import {
  accept,
  type CopyState,
  type KeptFrame,
  lastOf,
  NoCopy,
  type Parcel,
  parseCopy,
  textOf,
} from './copy-state.ts'

/** From this size on a file is written anew when most of it is in the books. */
const rewriteBytesMin = 16 * 1_048_576

export type CopiesLimits = { copiesMax: number; copyLengthMax: number }

export type CopyName = { instance: string; epoch: number }

type Copy = {
  state: CopyState
  fileBytes: number
  /** What is at the end of the file is not to be believed. */
  isTorn: boolean
}

const fileSyntax = /^(\d{12})-([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.copy$/

/** Copies of frames in a directory, one file for each epoch; all that is kept is in memory as well. */
export class Copies {
  readonly #directory: string
  readonly #limits: CopiesLimits
  readonly #copies = new Map<string, Copy>()
  /** By name: one change after the other. */
  readonly #busy = new Map<string, Promise<unknown>>()

  private constructor(directory: string, limits: CopiesLimits) {
    this.#directory = directory
    this.#limits = limits
  }

  /** Throws `UnusableDirectory` where a file is damaged. */
  static async open(directory: string, limits: CopiesLimits): Promise<Copies> {
    const copies = new Copies(directory, limits)
    for (const file of await readdir(directory)) {
      const [, epoch, instance = ''] = fileSyntax.exec(file) ?? []
      if (epoch !== undefined) await copies.#load({ instance, epoch: Number(epoch) })
    }
    return copies
  }

  /** Resolves when the disk has it. */
  keep(name: CopyName, parcel: Parcel): Promise<CopyAnswer | CopyRefusal> {
    return this.#alone(name, async () => {
      const copy = this.#copies.get(keyOf(name))
      const accepted = accept(copy?.state, parcel)
      if (accepted.kind === 'refused') return accepted.refusal
      const { state, fresh } = accepted
      const full = this.#fullness(copy, state)
      if (full !== undefined) {
        return { error: 'full', last: copy === undefined ? 0 : lastOf(copy.state), detail: full }
      }
      if (fresh.length === 0 && state.generation === copy?.state.generation) copy.state = state
      else await this.#write(name, state, fresh)
      return { last: lastOf(state) }
    })
  }

  /**
   * @param lengthMax - Letters of frames in what is returned; one frame more where the first is longer.
   * @returns Undefined where nothing is kept.
   */
  textAfter(name: CopyName, { after, lengthMax }: { after: number; lengthMax: number }) {
    const state = this.#copies.get(keyOf(name))?.state
    if (state === undefined) return undefined
    const frames: KeptFrame[] = []
    let length = 0
    for (const frame of state.frames) {
      if (frame.sequence <= after) continue
      length += frame.json.length
      if (frames.length > 0 && length > lengthMax) break
      frames.push(frame)
    }
    return textOf(state, frames)
  }

  /** Forgets frames up to `upTo`, and all of it where none is left. */
  forget(name: CopyName, upTo: number): Promise<void> {
    return this.#alone(name, async () => {
      const copy = this.#copies.get(keyOf(name))
      if (copy === undefined) return
      const frames = copy.state.frames.filter(({ sequence }) => sequence > upTo)
      const booked = Math.max(copy.state.booked, upTo)
      if (frames.length > 0) return await this.#write(name, { ...copy.state, booked, frames }, [])
      await remove(this.#pathOf(name))
      this.#copies.delete(keyOf(name))
    })
  }

  list(): CopyList['copies'] {
    return [...this.#copies].map(([key, { state }]) => ({ ...nameOf(key), last: lastOf(state) }))
  }

  #fullness(copy: Copy | undefined, state: CopyState): string | undefined {
    const { copiesMax, copyLengthMax } = this.#limits
    if (lengthOf(state) > copyLengthMax)
      return `one copy holds ${copyLengthMax} letters, and no more`
    if (copy !== undefined || this.#copies.size < copiesMax) return undefined
    return `${copiesMax} copies are kept, and no more`
  }

  /** Where it fails nothing is taken, and what is at the end of the file is passed over by writing it anew. */
  async #write(name: CopyName, state: CopyState, fresh: readonly KeptFrame[]): Promise<void> {
    const copy = this.#copies.get(keyOf(name))
    const path = this.#pathOf(name)
    const isLong = (copy?.fileBytes ?? 0) > Math.max(rewriteBytesMin, 2 * lengthOf(state))
    if (copy === undefined || copy.isTorn || isLong) {
      const text = textOf(state, state.frames)
      await rewrite(path, text)
      this.#copies.set(keyOf(name), { state, fileBytes: text.length, isTorn: false })
      return
    }
    const text = textOf(state, fresh)
    copy.isTorn = true
    await appendTo(path, text)
    this.#copies.set(keyOf(name), {
      ...{ state, isTorn: false },
      fileBytes: copy.fileBytes + text.length,
    })
  }

  #pathOf({ instance, epoch }: CopyName): string {
    return join(this.#directory, `${String(epoch).padStart(12, '0')}-${instance}.copy`)
  }

  async #load(name: CopyName): Promise<void> {
    const path = this.#pathOf(name)
    const text = await readFile(path, 'utf8')
    const state = parsedOf(text, path)
    // Begun and not written, so there is nothing in it.
    if (state === undefined) await remove(path)
    else this.#copies.set(keyOf(name), { state, fileBytes: text.length, isTorn: true })
  }

  #alone<T>(name: CopyName, work: () => Promise<T>): Promise<T> {
    const key = keyOf(name)
    const done = (this.#busy.get(key) ?? Promise.resolve()).then(work)
    const quiet = done.then(
      () => undefined,
      () => undefined,
    )
    this.#busy.set(key, quiet)
    void quiet.then(() => {
      if (this.#busy.get(key) === quiet) this.#busy.delete(key)
    })
    return done
  }
}

function parsedOf(text: string, path: string): CopyState | undefined {
  try {
    return parseCopy(text)
  } catch (error) {
    if (!(error instanceof WrongSum) && !(error instanceof NoCopy)) throw error
    throw new UnusableDirectory(
      `${path}: ${error.message}. What it says was used cannot be charged from here: move it to another directory to go on without it.`,
    )
  }
}

function keyOf({ instance, epoch }: CopyName): string {
  return `${epoch} ${instance}`
}

function nameOf(key: string): CopyName {
  const [epoch, instance = ''] = key.split(' ')
  return { instance, epoch: Number(epoch) }
}

function lengthOf({ frames }: CopyState): number {
  return frames.reduce((sum, { json }) => sum + json.length, 0)
}
