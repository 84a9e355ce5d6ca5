import type { TransportFault } from '@mooring/chains/family'
import type { Connection } from './connection.ts'
import type { Deadline } from './deadlines.ts'
import type { HttpPost, HttpReply } from './post.ts'
import type { RequestText } from './upstream-address.ts'

type CallOptions = {
  request: RequestText
  post: HttpPost
  /** On the client's clock. */
  deadlineMs: number
  done: (reply: HttpReply) => void
  onAbort: (call: Call) => void
}

/** One request on its way through the client, with what must be undone when it ends. */
export class Call {
  readonly request: RequestText
  readonly deadlineMs: number
  readonly isRepeatable: boolean
  /** Set to the end of the call or, while it connects, to that of the attempt if this comes first. */
  deadline: Deadline | undefined
  connection: Connection | undefined
  sent = false
  readonly #done: CallOptions['done']
  readonly #signal: AbortSignal | undefined
  readonly #abort: (() => void) | undefined

  constructor({ request, post, deadlineMs, done, onAbort }: CallOptions) {
    this.request = request
    this.deadlineMs = deadlineMs
    this.isRepeatable = post.repeatable
    this.#done = done
    if (post.signal === undefined) return
    this.#signal = post.signal
    this.#abort = () => onAbort(this)
    this.#signal.addEventListener('abort', this.#abort, { once: true })
  }

  finish(reply: HttpReply): void {
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort)
    this.#done(reply)
  }

  fail(fault: TransportFault, detail: string): void {
    this.finish({ ok: false, fault, sent: this.sent, detail })
  }
}
