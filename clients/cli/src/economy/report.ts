import { isUnreachable } from '@mooring/onchain/failures'
import type { Context } from '../context.ts'
import { writeJson } from '../terminal/json.ts'

/** What a command has to tell so far; programs get it whole, also when the command fails midway. */
export type Report = Record<string, unknown>

/** Runs a command and writes its report as one JSON object where that was asked for. */
export async function reporting(
  context: Context,
  { json }: { json?: true },
  work: (report: Report) => Promise<void>,
): Promise<void> {
  const report: Report = { transactions: [] }
  try {
    await work(report)
  } catch (error) {
    if (json) writeJson(context, { ...report, error: messageOf(error) })
    throw error
  }
  if (json) writeJson(context, report)
}

function messageOf(error: unknown): string {
  // What the library says holds the node's address, which may hold a key.
  if (isUnreachable(error)) return 'the chain stopped answering'
  return error instanceof Error ? error.message : String(error)
}
