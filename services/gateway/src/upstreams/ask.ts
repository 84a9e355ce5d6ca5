import type { FailedReply } from '@mooring/chains/family'
import type { HttpReply } from '@mooring/http-client/post'
import { parseReply, type ResultText, type RpcReply } from '@mooring/protocol/json-rpc/reply'
import type { RelayProof } from '../agents/relay-session.ts'

/** What one attempt at one upstream came back with, before it is judged. */
export type Reply = {
  /** Whether any of the request may have reached the upstream. */
  sent: boolean
  /** A pause the upstream asked for, by its Retry-After header. */
  retryAfterMs: number | undefined
  answer: ({ kind: 'result' } & ResultText) | FailedReply
  /** Of an upstream with an agent, once it has answered. */
  proof?: RelayProof | undefined
  /** What the node has signed of its answer, as a header has it and verified, where that was asked for. */
  signedAnswer?: string | undefined
}

/** Part of a strange body that is kept for classification. */
const excerptLength = 2_048
const longestRetryAfterMs = 3_600_000

/** Ids have as many digits as each other, which is one thing less that tells requests apart. */
const firstId = 1_000_000
const lastId = 9_999_999

/**
 * Our own ids towards an upstream; the consumer's never travels. Another one each time, so that the answer
 * to an earlier request is never taken for that of a later one on the same connection.
 */
export class UpstreamIds {
  #id = firstId - 1

  next(): number {
    this.#id = this.#id < lastId ? this.#id + 1 : firstId
    return this.#id
  }
}

/**
 * @param id - What the request was sent with.
 * @param members - What is looked for in a result that is an object.
 */
export function replyOf(reply: HttpReply, id: number, members?: readonly string[]): Reply {
  if (!reply.ok) {
    const { fault, sent, detail } = reply
    return { sent, retryAfterMs: undefined, answer: { kind: 'transport', fault, detail } }
  }
  const answer = readSafely(reply, id, members)
  // Nobody who answers asks for a pause.
  const retryAfter = answer.kind === 'result' ? undefined : reply.headers.get('retry-after')
  return { sent: true, retryAfterMs: parseRetryAfter(retryAfter), answer }
}

/** Whatever an upstream sends, reading it must not break more than this one attempt. */
function readSafely(
  { status, text }: { status: number; text: string },
  id: number,
  members?: readonly string[],
): Reply['answer'] {
  try {
    return readAnswer(status, parseReply(text, id, members), text)
  } catch (error) {
    const detail = error instanceof Error ? error.name : 'unreadable'
    return { kind: 'transport', fault: 'malformed', detail }
  }
}

function readAnswer(status: number, reply: RpcReply, text: string): Reply['answer'] {
  if (reply.kind === 'result') return isOk(status) ? reply : httpFailure(status, text)
  if (reply.kind === 'error') return { ...reply, status }
  if (!isOk(status) || looksLikeAPage(text)) return httpFailure(status, text)
  if (reply.kind === 'tooDeep') {
    return { kind: 'transport', fault: 'oversized', detail: 'it is nested too deeply' }
  }
  return { kind: 'transport', fault: 'malformed', detail: reply.detail }
}

function httpFailure(status: number, text: string): FailedReply {
  return { kind: 'http', status, text: text.slice(0, excerptLength) }
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300
}

function looksLikeAPage(text: string): boolean {
  return text.trimStart().startsWith('<')
}

/** Seconds only: the date form needs the upstream's clock to agree with ours. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,6}$/.test(value)) return undefined
  return Math.min(Number(value) * 1_000, longestRetryAfterMs)
}
