import type { ErrorClass } from '@mooring/chains/family'
import type { Failure } from '@mooring/protocol/failures'
import { codeOf, pageOf, tableOf } from './markdown.ts'

/**
 * The reference of everything that can go wrong.
 *
 * @param failures - The codes a caller may receive.
 * @param classes - The classes an upstream's errors are sorted into, by chain family.
 */
export function errorsPage(
  failures: Readonly<Record<string, Failure>>,
  classes: Readonly<Record<string, Readonly<Record<string, ErrorClass>>>>,
): string {
  return pageOf('Errors', [
    'What a caller may receive, and what the gateway does with the errors of upstreams. Sources: `packages/protocol/src/failures.ts` and the error table of each chain family in `packages/chains/src/families`.',
    '## What a caller receives',
    'An error is a JSON-RPC error object. The HTTP status is the one below for a single request. A batch that is served is 200, and each of its answers has its own error; one that is refused as a whole (it is empty, too large, or uses an id twice) is one error with the status below. Where an upstream answered with a native error that is final (a revert, a refused transaction), its own code, message and data are kept as they came, with HTTP status 200, so that libraries that read them go on working. Every answer has a trace id, in the header `x-trace-id` and in `error.data` of our own errors. What is no HTTP request that two servers would read alike gets a bare status (400, 431 past 16 KiB of head, 501, 505) and the end of its connection.',
    tableOf(
      [
        'Code',
        'Number',
        'HTTP',
        'Could another attempt help',
        'Counts against',
        'Charged',
        'What happened, and what to do',
      ],
      Object.entries(failures).map(([code, failure]) => [
        codeOf(code),
        codeOf(failure.jsonRpc),
        String(failure.http),
        retryWords[failure.retry],
        blameWords[failure.blame],
        chargedWord(failure),
        failure.help,
      ]),
    ),
    ...Object.entries(classes).flatMap(([family, rows]) => classesSection(family, rows, failures)),
  ])
}

function chargedWord(failure: Failure | undefined): string {
  if (failure?.charged) return 'yes'
  return failure?.provocable ? 'beyond a share' : 'no'
}

function classesSection(
  family: string,
  rows: Readonly<Record<string, ErrorClass>>,
  failures: Readonly<Record<string, Failure>>,
): string[] {
  return [
    `## What the gateway does with an error of an upstream (${family})`,
    'Every answer of an upstream that is not a result is sorted into one class, by its code, its words, its HTTP status and the method together; a number alone means different things on different nodes. A text nobody has seen before takes the first row. Six things follow from the class:',
    tableOf(
      [
        'Class',
        'Another upstream',
        'The same one later',
        'Its record',
        'What is learned',
        'Cached',
        'Charged',
        'The caller receives',
      ],
      Object.entries(rows).map(([name, facts]) => [
        codeOf(name),
        elsewhereWords[facts.elsewhere],
        laterWords[facts.later],
        scoreWords[facts.score],
        learnWords[facts.learn],
        cacheWords[facts.cache],
        chargedWord(failures[facts.failure]),
        facts.native
          ? `the node's own words, else ${codeOf(facts.failure)}`
          : codeOf(facts.failure),
      ]),
    ),
  ]
}

const retryWords = {
  never: 'no',
  elsewhere: 'yes, on another node',
  later: 'yes, after a pause',
} as const satisfies Record<Failure['retry'], string>

const blameWords = {
  nobody: 'nobody',
  caller: 'the caller',
  provider: 'the provider',
  us: 'the gateway',
} as const satisfies Record<Failure['blame'], string>

const elsewhereWords = {
  always: 'yes',
  once: 'one second opinion',
  ifBehind: 'if this one is behind',
  never: 'no',
} as const satisfies Record<ErrorClass['elsewhere'], string>

const laterWords = {
  no: 'no use',
  blockTime: 'after one block',
  coolDown: 'after a cool-down',
  operator: 'after its operator acted',
} as const satisfies Record<ErrorClass['later'], string>

const scoreWords = {
  success: 'a success',
  neutral: 'not touched',
  minor: 'a failure, if another node answers',
  major: 'a failure',
} as const satisfies Record<ErrorClass['score'], string>

const learnWords = {
  nothing: '–',
  methodUnsupported: 'it lacks the method',
  pruned: 'it lacks data that old',
  behind: 'it has not reached the block',
  rangeLimit: 'its limit on ranges',
  batchLimit: 'its limit on batches',
  tagUnsupported: 'it lacks the block tag',
  throttled: 'it wants a pause',
  refused: 'it refuses this gateway',
} as const satisfies Record<ErrorClass['learn'], string>

const cacheWords = {
  never: 'no',
  likeResult: 'as a result would be',
  minutes: 'for minutes',
} as const satisfies Record<ErrorClass['cache'], string>
