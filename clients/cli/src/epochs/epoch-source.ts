import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { epochFileLimits } from '@mooring/market/settlement/epoch-file'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readInput } from '../files.ts'

const timeoutMs = 300_000

/** The bytes of a file, or of what a URL answers with. Refuses what is larger than an epoch file may be. */
export async function readEpochSource(context: Context, source: string): Promise<Uint8Array> {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(source)
  if (!isUrl) return readFile(context, source)
  if (!/^https?:$/.test(URL.parse(source)?.protocol ?? '')) {
    throw new CommandError('badInput', 'The address is no http:// or https:// URL.')
  }
  return download(context, source)
}

function readFile(context: Context, path: string): Uint8Array {
  const file = resolve(context.cwd, path)
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (bytes > epochFileLimits.bytes) throw tooLarge(file)
  try {
    return readFileSync(file)
  } catch (cause) {
    // It says for people why a file cannot be read.
    readInput(context, path)
    throw cause
  }
}

async function download({ fetch }: Context, url: string): Promise<Uint8Array> {
  const { host } = new URL(url)
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) {
      throw new CommandError(
        'unreachable',
        `${host} answered ${response.status} in place of a file.`,
      )
    }
    return await limitedBytes(response, host)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    const isLate = cause instanceof Error && cause.name === 'TimeoutError'
    const reason = isLate ? `it took more than ${timeoutMs / 1_000} s` : 'it could not be reached'
    throw new CommandError('unreachable', `No file came from ${host}: ${reason}.`, { cause })
  }
}

async function limitedBytes(response: Response, host: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > epochFileLimits.bytes) throw tooLarge(`What ${host} sends`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function tooLarge(what: string): CommandError {
  return new CommandError(
    'badInput',
    `${what} has more than ${epochFileLimits.bytes} bytes, which no epoch file has.`,
  )
}
