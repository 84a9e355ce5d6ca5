import type { TransportFault } from '@mooring/chains/family'

/** One request to one upstream. */
export type HttpPost = {
  body: string
  timeoutMs: number
  /** Whether the upstream may get the request twice: a kept connection it has just closed is retried. */
  repeatable: boolean
  signal?: AbortSignal | undefined
  /** Headers of this request alone: ASCII, each line with its end. The caller vouches for them. */
  headerLines?: string | undefined
}

export type HttpReply =
  | { ok: true; status: number; headers: HttpReplyHeaders; text: string }
  /** `sent`: whether any byte of the request may have reached the upstream. */
  | { ok: false; fault: TransportFault; sent: boolean; detail: string }

export type HttpReplyHeaders = {
  /** The first header of that name, which is in lower case. */
  get(name: string): string | undefined
}
