import { Call } from './call.ts'
import { Connection, type ConnectionOwner, type Ending, type Locate } from './connection.ts'
import { type Content, decodeContent } from './content.ts'
import { Deadlines } from './deadlines.ts'
import { IdleConnections } from './idle-connections.ts'
import { Outbox } from './outbox.ts'
import type { HttpPost, HttpReply } from './post.ts'
import { HeadMemo, headerOf, type ResponseHead } from './response-head.ts'
import type { ParsedResponse } from './response-parser.ts'
import { parseUpstreamAddress, requestOf, type UpstreamAddress } from './upstream-address.ts'

/** Sends JSON bodies to one upstream over kept connections, one request at a time on each. */
export type HttpClient = {
  /** POSTs a JSON body. Resolves always, rejects never: failure is a value. */
  post(request: HttpPost): Promise<HttpReply>
  /** As `post`, for whoever sends many: `done` is called once, amid the events of a socket, and must not throw. */
  send(request: HttpPost, done: (reply: HttpReply) => void): void
  /** What is sent from now on has these headers, in place of those it was opened with. */
  setHeaders(headers: Readonly<Record<string, string>>): void
  readonly connections: { open: number; idle: number }
  /** Closes idle connections at once and fails running requests as 'lost'. */
  close(): void
}

export type HttpClientOptions = {
  url: URL
  headers: Readonly<Record<string, string>>
  /** Most connections at once. As many requests again may wait for one. */
  connectionsMax: number
  /** Longest answer in bytes, as received and after decompression. */
  answerBytesMax: number
  /** A connection idle for longer is closed: the upstream is likely to be about to. */
  idleMsMax?: number
  connectTimeoutMs?: number
  /** Certificates to trust, in PEM, in place of the system's. */
  ca?: string
  /** Finds out at each new connection where it may lead; without it the URL's host is connected to, wherever it is. */
  locate?: Locate | undefined
  /** Its time never steps back. */
  clock: { nowMs(): number }
}

export function openHttpClient(options: HttpClientOptions): HttpClient {
  return new PooledClient(options)
}

class PooledClient implements HttpClient, ConnectionOwner {
  readonly #options: HttpClientOptions & { idleMsMax: number; connectTimeoutMs: number }
  #address: UpstreamAddress
  readonly #deadlines: Deadlines
  /** All that are open or being opened. */
  readonly #connections = new Set<Connection>()
  readonly #idle: IdleConnections
  /** In order of arrival, at most `connectionsMax`. */
  readonly #waiting = new Set<Call>()
  /**
   * Attempts to connect under way, given up or not: one that gets no answer at all occupies the
   * system for a minute or two, because it cannot be called off.
   */
  #dials = 0
  #isClosed = false
  /**
   * Whether the upstream ever sent more than it was asked for. What it sends late would be taken for the
   * answer to the next request, so that from then on a connection carries one and is closed.
   */
  #isOutOfStep = false
  readonly #onAbort = (call: Call) => this.#giveUp(call, 'lost', 'aborted')
  readonly #headMemo = new HeadMemo()
  readonly #outbox = new Outbox()

  constructor(options: HttpClientOptions) {
    this.#options = { idleMsMax: 15_000, connectTimeoutMs: 3_000, ...options }
    this.#address = parseUpstreamAddress(options.url, { headers: options.headers, ca: options.ca })
    this.#deadlines = new Deadlines(options.clock)
    this.#idle = new IdleConnections(
      { idleMsMax: this.#options.idleMsMax, clock: options.clock, deadlines: this.#deadlines },
      (connection) => this.#connections.delete(connection),
    )
  }

  get connections(): { open: number; idle: number } {
    return { open: this.#connections.size, idle: this.#idle.size }
  }

  setHeaders(headers: Readonly<Record<string, string>>): void {
    const { url, ca } = this.#options
    this.#address = parseUpstreamAddress(url, { headers, ca })
  }

  post(post: HttpPost): Promise<HttpReply> {
    return new Promise((resolve) => this.send(post, resolve))
  }

  send(post: HttpPost, done: (reply: HttpReply) => void): void {
    const nowMs = this.#options.clock.nowMs()
    const call = new Call({
      request: requestOf(this.#address, post.body, post.headerLines),
      post,
      deadlineMs: nowMs + post.timeoutMs,
      done,
      onAbort: this.#onAbort,
    })
    if (this.#isClosed) call.fail('lost', 'the client is closed')
    else if (post.signal?.aborted) call.fail('lost', 'aborted')
    else this.#place(call, nowMs)
  }

  close(): void {
    this.#isClosed = true
    const calls = [...this.#waiting]
    for (const { call } of this.#connections) if (call !== undefined) calls.push(call)
    for (const call of calls) this.#giveUp(call, 'lost', 'the client was closed')
    this.#idle.closeAll()
    this.#deadlines.close()
  }

  #place(call: Call, nowMs: number): void {
    const { connectionsMax } = this.#options
    const idle = this.#idle.take(nowMs)
    if (idle !== undefined) this.#assign(idle, call)
    else if (this.#connections.size < connectionsMax) {
      if (this.#hasDial()) this.#dial(call)
      else call.fail('unreachable', `${this.#dials} attempts to connect got no answer yet`)
    } else if (this.#waiting.size < connectionsMax) {
      this.#waiting.add(call)
      this.#watch(call, call.deadlineMs)
    } else {
      const detail = `all ${connectionsMax} connections are busy and as many requests wait`
      call.fail('unreachable', detail)
    }
  }

  #dial(call: Call): void {
    const connection = new Connection(this, {
      answerBytesMax: this.#options.answerBytesMax,
      headMemo: this.#headMemo,
      outbox: this.#outbox,
    })
    this.#connections.add(connection)
    this.#dials += 1
    connection.call = call
    call.connection = connection
    const dialUntilMs = this.#options.clock.nowMs() + this.#options.connectTimeoutMs
    this.#watch(call, Math.min(call.deadlineMs, dialUntilMs))
    connection.dial(this.#address, this.#options.locate)
  }

  #assign(connection: Connection, call: Call): void {
    connection.call = call
    call.connection = connection
    this.#watch(call, call.deadlineMs)
    connection.send()
  }

  opened(connection: Connection): void {
    // Set since the dial began: a connection whose call is given up is dropped with it.
    const call = connection.call!
    this.#assign(connection, call)
  }

  answered(connection: Connection, response: ParsedResponse): void {
    // An answer is read for a call only: one that is given up takes its connection along.
    const call = connection.call!
    this.#detach(call)
    if (connection.isOpen && !this.#isOutOfStep) this.#release(connection)
    else {
      connection.close()
      this.#remove(connection)
    }
    this.#deliver(call, response)
  }

  failed(connection: Connection, { fault, detail }: Ending): void {
    const { call } = connection
    this.#connections.delete(connection)
    if (call !== undefined) {
      this.#detach(call)
      // When one kept connection was closed the others likely were too, so the retry takes a fresh
      // one. That one has never answered: it cannot be stale, and there is no second retry.
      if (connection.isStale && this.#mayRetry(call)) this.#dial(call)
      else call.fail(fault, detail)
    }
    this.#remove(connection)
  }

  outOfStep(): void {
    this.#isOutOfStep = true
    this.#idle.closeAll()
  }

  dialSettled(): void {
    this.#dials -= 1
  }

  #mayRetry(call: Call): boolean {
    return (call.isRepeatable || !call.sent) && this.#hasDial()
  }

  #hasDial(): boolean {
    return this.#dials < 2 * this.#options.connectionsMax
  }

  #expire(call: Call): void {
    const { connection } = call
    if (connection === undefined) {
      this.#giveUp(call, 'timeout', 'no connection became free in time')
    } else if (connection.isDialling) {
      this.#giveUp(call, 'unreachable', 'connecting took too long')
    } else this.#giveUp(call, 'timeout', 'no whole answer in time')
  }

  #giveUp(call: Call, fault: 'unreachable' | 'timeout' | 'lost', detail: string): void {
    const { connection } = call
    this.#waiting.delete(call)
    this.#detach(call)
    call.fail(fault, detail)
    if (connection === undefined) return
    connection.drop()
    this.#remove(connection)
  }

  /** Undoes what ties a call to the client, in whatever state it is. */
  #detach(call: Call): void {
    if (call.deadline !== undefined) this.#deadlines.remove(call.deadline)
    if (call.connection !== undefined) call.connection.call = undefined
    call.deadline = undefined
    call.connection = undefined
  }

  #watch(call: Call, atMs: number): void {
    if (call.deadline !== undefined) this.#deadlines.remove(call.deadline)
    call.deadline = this.#deadlines.add(atMs, () => this.#expire(call))
  }

  #release(connection: Connection): void {
    const next = this.#nextWaiting()
    if (next === undefined) this.#idle.put(connection)
    else this.#assign(connection, next)
  }

  #remove(connection: Connection): void {
    this.#connections.delete(connection)
    this.#idle.remove(connection)
    const { connectionsMax } = this.#options
    while (this.#connections.size < connectionsMax && this.#hasDial()) {
      const next = this.#nextWaiting()
      if (next === undefined) return
      this.#dial(next)
    }
  }

  #nextWaiting(): Call | undefined {
    const call = this.#waiting.values().next().value
    if (call !== undefined) this.#waiting.delete(call)
    return call
  }

  #deliver(call: Call, { head, body }: ParsedResponse): void {
    const limits = { encoding: head.encoding, bytesMax: this.#options.answerBytesMax }
    const content = decodeContent(body, limits)
    if (content instanceof Promise)
      void content.then((late) => call.finish(replyOf(call, head, late)))
    else call.finish(replyOf(call, head, content))
  }
}

function replyOf(call: Call, { status, lines }: ResponseHead, content: Content): HttpReply {
  if (!content.ok) {
    return { ok: false, fault: content.fault, sent: call.sent, detail: content.detail }
  }
  return { ok: true, status, headers: new HeaderLines(lines), text: content.text }
}

/** Asked seldom and made for every answer. */
class HeaderLines {
  readonly #lines: string

  constructor(lines: string) {
    this.#lines = lines
  }

  get(name: string): string | undefined {
    return headerOf(this.#lines, name)
  }
}
