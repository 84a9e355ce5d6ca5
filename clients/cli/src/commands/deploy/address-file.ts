import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Context } from '../../context.ts'
import { CommandError } from '../../exit-codes.ts'

export function addressFileOf(context: Context, out: string | undefined, chainId: number): string {
  if (out !== undefined) return resolve(context.cwd, out)
  return join(context.repository ?? context.cwd, 'deployments', `${chainId}.json`)
}

/** Refuses a place that says where other contracts are. What a stopped deployment left says nothing. */
export function assertFree(file: string): void {
  if (!existsSync(file)) return
  const facts = statSync(file)
  if (facts.isFile() && facts.size === 0) return
  throw new CommandError(
    'badInput',
    `${file} exists and says where other contracts are: name another file with --out, or move it away.`,
  )
}

/** The file is all that says where the contracts are: it is opened before anything is sent, and gone when unused. */
export function openAddressFile(file: string): { write: (text: string) => void } & Disposable {
  assertFree(file)
  let isWritten = false
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} cannot be written: ${reason}.`, { cause })
  }
  return {
    write: (text) => {
      writeFileSync(file, text)
      isWritten = true
    },
    [Symbol.dispose]: () => {
      if (!isWritten) rmSync(file, { force: true })
    },
  }
}
