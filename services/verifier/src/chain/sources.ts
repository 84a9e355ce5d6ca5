import { createReader, type Reader } from '@mooring/onchain/clients'
import { isUnreachable } from '@mooring/onchain/failures'
import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { canonicalText } from './canonical-text.ts'

/** What every source answered alike, or why nothing is known. */
export type Agreed<T> = { ok: true; value: T } | SourceTrouble

/** `detail` is for people and holds no address of a source: sources are told by their place in the configuration. */
export type SourceTrouble = {
  ok: false
  code: 'SOURCES_DIFFER' | 'SOURCE_UNREACHABLE'
  detail: string
}

/** Asked of each source by itself. It answers with plain data: what differs by nature between nodes is left out. */
export type Question<T> = (reader: Reader) => Promise<T>

/** Nodes of one chain that somebody else runs, each believed only as far as all the others say the same. */
export type Sources = {
  readonly chainId: number
  readonly readers: readonly Reader[]
  /**
   * Asks every source and compares.
   *
   * One source that is down, slow beyond the deadline, or answers what makes no sense is enough for
   * `SOURCE_UNREACHABLE`: with fewer than all of them one lie could pass. Sources that differ are asked once more after
   * a pause, because a head may be moving; then it is `SOURCES_DIFFER`. Questions should name a block, so that sources
   * do not differ merely by being one block apart.
   *
   * @param timeoutMs - For a question of a great many calls; otherwise the one of the options.
   */
  askBoth<T>(question: Question<T>, timeoutMs?: number): Promise<Agreed<T>>
  /** What each source says, for questions whose answers may differ. Nothing when one of them is silent. */
  askEach<T>(question: Question<T>): Promise<Agreed<readonly T[]>>
}

export type SourcesOptions = {
  /** At least two, of different operators. */
  urls: readonly string[]
  chainId: number
  /** How long a source has for one question, whatever the number of calls in it. */
  questionTimeoutMs?: number | undefined
  /** Before sources that differ are asked again. */
  differPauseMs?: number | undefined
  clock?: Clock | undefined
}

const questionTimeoutMsDefault = 10_000
const differPauseMsDefault = 500
const sourcesMin = 2

export function createSources(options: SourcesOptions): Sources {
  const { chainId, questionTimeoutMs = questionTimeoutMsDefault } = options
  const { differPauseMs = differPauseMsDefault, clock = systemClock } = options
  const urls = [...new Set(options.urls)]
  if (urls.length < sourcesMin) {
    throw new Error(`a verifier needs ${sourcesMin} different sources, and has ${urls.length}`)
  }
  const readers = urls.map((url) => createReader({ url, chainId, timeoutMs: questionTimeoutMs }))
  const askEach = <T>(question: Question<T>, timeoutMs = questionTimeoutMs) =>
    everyAnswer(readers, question, { clock, questionTimeoutMs: timeoutMs })
  return {
    chainId,
    readers,
    askEach: (question) => askEach(question),
    async askBoth(question, timeoutMs) {
      const first = agreed(await askEach(question, timeoutMs))
      if (first.ok || first.code !== 'SOURCES_DIFFER') return first
      await clock.sleep(differPauseMs)
      return agreed(await askEach(question, timeoutMs))
    },
  }
}

function agreed<T>(answers: Agreed<readonly T[]>): Agreed<T> {
  if (!answers.ok) return answers
  const [first, ...others] = answers.value
  const text = canonicalText(first)
  if (others.some((other) => canonicalText(other) !== text)) {
    const detail = 'the sources of this verifier do not say the same of the chain; try again later'
    return { ok: false, code: 'SOURCES_DIFFER', detail }
  }
  // There are two answers or more.
  return { ok: true, value: first as T }
}

type Patience = { clock: Clock; questionTimeoutMs: number }

async function everyAnswer<T>(
  readers: readonly Reader[],
  question: Question<T>,
  patience: Patience,
): Promise<Agreed<readonly T[]>> {
  const answers = await Promise.all(readers.map((reader) => inTime(question(reader), patience)))
  const silent = answers.findIndex((answer) => !answer.ok)
  const failure = answers[silent]
  if (failure !== undefined && !failure.ok) {
    const detail = `source ${silent + 1} of this verifier ${failure.what}; try again later`
    return { ok: false, code: 'SOURCE_UNREACHABLE', detail }
  }
  return { ok: true, value: answers.flatMap((answer) => (answer.ok ? [answer.value] : [])) }
}

type Answer<T> = { ok: true; value: T } | { ok: false; what: string }

/** Sources are not ours, so whatever comes of asking one is a value: also an answer that nothing can be read from. */
async function inTime<T>(
  answering: Promise<T>,
  { clock, questionTimeoutMs }: Patience,
): Promise<Answer<T>> {
  const answered = new AbortController()
  const late: Promise<Answer<T>> = clock
    .sleep(questionTimeoutMs, answered.signal)
    .then(() => ({ ok: false, what: 'did not answer in time' }))
  const answer = answering.then(
    (value): Answer<T> => ({ ok: true, value }),
    (error: unknown): Answer<T> => ({
      ok: false,
      what: isUnreachable(error) ? 'did not answer' : 'answered what makes no sense',
    }),
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.abort()
  }
}
