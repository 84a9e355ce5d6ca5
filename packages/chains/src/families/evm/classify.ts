import type { ClassifiedError, FailedReply } from '../../family.ts'
import { decidingSignal } from './error-match.ts'
import {
  hasTimedOutTrace,
  hasWrongShape,
  isEncodedRevert,
  isSyncProgress,
} from './error-results.ts'
import { type ErrorClassName, errorClasses } from './errors.ts'

/** Safe for errors that do not exist yet. */
const unknownError: ClassifiedError = Object.freeze({
  class: 'UNKNOWN',
  facts: errorClasses.UNKNOWN,
  known: false,
})

/** One value per class, made once: classifying allocates no result. */
const classified: ReadonlyMap<string, ClassifiedError> = new Map(
  Object.entries(errorClasses)
    .filter(([name]) => name !== 'UNKNOWN')
    .map(([name, facts]) => [name, Object.freeze({ class: name, facts, known: true })]),
)

/** The class of a reply that is not a result. Never throws, whatever the node wrote. */
export function classifyReply(reply: FailedReply, context: { method: string }): ClassifiedError {
  const signal = decidingSignal(reply, context.method)
  return signal === undefined ? unknownError : classOf(signal.class)
}

/** The class of a result that is an error in disguise, or undefined for an honest one. */
export function classifyResult(method: string, result: unknown): ClassifiedError | undefined {
  if (result === null) return undefined
  if (method === 'eth_call' || method === 'eth_estimateGas') {
    if (isEncodedRevert(result)) return classOf('REVERT')
  }
  if (hasWrongShape(method, result)) {
    return classOf(isSyncProgress(result) ? 'SYNCING' : 'MALFORMED_ANSWER')
  }
  return hasTimedOutTrace(method, result) ? classOf('EXECUTION_TIMEOUT') : undefined
}

function classOf(name: ErrorClassName): ClassifiedError {
  return classified.get(name) ?? unknownError
}
