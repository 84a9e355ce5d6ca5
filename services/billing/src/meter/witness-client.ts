import { type CopyAbsence, copyBodyBytesMax } from '@mooring/protocol/metering/copies'
import { parseFrame } from '@mooring/protocol/metering/frame'
import { z } from 'zod'
import type { WitnessSettings } from '../config.ts'
import type { CopyName } from '../witness/copies.ts'
import { type CopyState, type KeptFrame, parseParcel } from '../witness/copy-state.ts'
import { usageSchema } from './schema.ts'

const timeoutMs = 10_000
/** Answers that one copy may need: more than the longest has. */
const pagesMax = 10_000

export type Asked<T> = { kind: 'answer'; value: T } | { kind: 'failed'; why: string }

/** A witness, as the billing service asks it. Nothing here rejects. */
export type WitnessClient = {
  list(): Promise<Asked<{ instance: string; epoch: number; last: number }[]>>
  /** Frames after `after`; undefined where nothing is kept. */
  copyOf(name: CopyName, after: number): Promise<Asked<CopyState | undefined>>
  forget(name: CopyName, upTo: number): Promise<Asked<undefined>>
}

const listed = z.object({
  copies: z.array(
    z.object({ instance: z.string().max(64), epoch: z.int().min(1), last: z.int().min(0) }),
  ),
})

export function createWitnessClient(settings: WitnessSettings): WitnessClient {
  const pathOf = ({ instance, epoch }: CopyName) => `/v1/copies/${instance}/${epoch}`
  return {
    async list() {
      const asked = await ask(settings, '/v1/copies')
      if (asked.kind === 'failed') return asked
      const parsed = listed.safeParse(jsonOf(asked.value.text)).data
      return parsed === undefined ? noWitness : { kind: 'answer', value: parsed.copies }
    },
    async copyOf(name, after) {
      let state: CopyState | undefined
      for (let page = 0; page < pagesMax; page++) {
        const from = state?.frames.at(-1)?.sequence ?? after
        const asked = await ask(settings, `${pathOf(name)}?after=${from}`)
        if (asked.kind === 'failed') return asked
        const { status, text } = asked.value
        if (status === 404) return isAbsence(text) ? { kind: 'answer', value: state } : noWitness
        const parcel = parcelOf(text)
        if (parcel === undefined || !parcel.frames.every(isUsage)) return noWitness
        const { head, frames } = parcel
        if (state !== undefined && state.generation !== head.generation) return changed
        state = { ...head, frames: [...(state?.frames ?? []), ...frames] }
        if (frames.length === 0) return { kind: 'answer', value: state }
      }
      return { kind: 'failed', why: 'more than one copy may hold' }
    },
    async forget(name, upTo) {
      const asked = await ask(settings, `${pathOf(name)}?upTo=${upTo}`, 'DELETE')
      return asked.kind === 'failed' ? asked : { kind: 'answer', value: undefined }
    },
  }
}

const noWitness = { kind: 'failed', why: 'no answer of a witness' } as const
const changed = { kind: 'failed', why: 'its frames became void meanwhile' } as const

function isAbsence(text: string): boolean {
  return Object(jsonOf(text)).error === ('absent' satisfies CopyAbsence['error'])
}

function isUsage({ json }: KeptFrame): boolean {
  return usageSchema.safeParse(parseFrame(json)?.usage).success
}

function parcelOf(text: string) {
  try {
    return parseParcel(text)
  } catch {
    return undefined
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function ask(
  { url, credential }: WitnessSettings,
  path: string,
  method = 'GET',
): Promise<Asked<{ status: number; text: string }>> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential}` },
      redirect: 'manual',
      signal: timeout,
    })
    const { status } = response
    const text = await response.text()
    if (status !== 200 && status !== 404) return { kind: 'failed', why: `status ${status}` }
    if (text.length > copyBodyBytesMax) return { kind: 'failed', why: 'a longer answer than any' }
    return { kind: 'answer', value: { status, text } }
  } catch {
    // What a library throws holds addresses.
    const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : 'unreachable'
    return { kind: 'failed', why }
  }
}
