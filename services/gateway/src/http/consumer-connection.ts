import type { Outbox, Outgoing } from '@mooring/http-client/outbox'
import type { Socket } from 'bun'
import type { Edge, Visit } from './edge.ts'
import type { HeadFlaw, RequestHead } from './request-head.ts'
import { RequestReader } from './request-reader.ts'
import { type HttpAnswer, responseHead, type Text, wholeText } from './responses.ts'
import type { SlowReader, UnsentAnswers } from './unsent-answers.ts'

/** Told anew each second: nothing here needs to know the time better than that. */
export type ConnectionContext = {
  edge: Edge
  outbox: Outbox
  /** Where an answer in pieces is put together. Used within one write, so one is enough for all. */
  scratch: Buffer
  unsent: UnsentAnswers
  nowMs: number
  /** The date of answers, as HTTP writes it. */
  date: string
}

/** A client may wait this long with nothing to ask, and fall behind by as much as it reads. */
const idleMs = 20_000
/** The first byte of a head until its last, however slowly they come. */
const headMs = 12_000
/** A whole body, however slowly it comes. */
const bodyMs = 20_000
/** Longer than the longest deadline of a request, so that no answer is ever cut off. */
const answerMs = 150_000
/** How long a client that is told to go may still send what nobody reads. */
const lingerMs = 3_000
/** Requests sent ahead of their turn are kept up to this size; the rest waits in the network. */
const aheadBytesMax = 65_536
/** Whoever reads an answer more slowly than this, on average, is let go. */
const readBytesPerMs = 16.384
/** A body that is not wanted is received and dropped up to this size, to keep its connection. */
const skippedBytesMax = 1_048_576

/**
 * One connection of a consumer. Requests are answered one after the other in the order in which they
 * came; whoever sends more before the answer waits.
 */
export class ConsumerConnection implements Outgoing, SlowReader {
  readonly #context: ConnectionContext
  readonly #socket: Socket<ConsumerConnection>
  readonly #peer: string
  /** Who is to answer for what is not read of the answers: the caller of the last request, if any. */
  #owner: string
  readonly #reader = new RequestReader()
  /** The client has until then for whatever it is due to do. */
  #untilMs: number
  #visit: Visit | undefined
  #head: RequestHead | undefined
  #isBusy = false
  #isPaused = false
  /** The answer under way, or the next one, is the last. */
  #isEnding = false
  #isLingering = false
  /** The client sends no more. */
  #hasEnded = false
  #isClosed = false
  /** An answer whose turn to be written comes. */
  #outgoing: Text = ''
  #outgoingBytes = 0
  /** What the system would not take yet of an answer. */
  #unsent: Buffer | undefined
  readonly #served = (answer: HttpAnswer) => this.#answer(answer, { isLast: false })

  constructor(socket: Socket<ConsumerConnection>, context: ConnectionContext) {
    this.#context = context
    this.#socket = socket
    this.#peer = socket.remoteAddress
    this.#owner = this.#peer
    this.#untilMs = context.nowMs + idleMs
  }

  received(bytes: Buffer): void {
    if (this.#isLingering) return
    const isFirst = !this.#reader.isAmidRequest
    this.#reader.push(bytes)
    if (!this.#isBusy) {
      if (isFirst) this.#allow(headMs)
      this.#advance()
    } else if (this.#reader.pendingBytes > aheadBytesMax) {
      this.#isPaused = true
      this.#socket.pause()
    }
  }

  drained(): void {
    if (this.#unsent === undefined) return
    const rest = this.#unsent
    const written = this.#socket.write(rest)
    if (written === rest.length) {
      this.#unsent = undefined
      this.#context.unsent.remove(this)
      this.#answered()
    } else if (written > 0) {
      this.#unsent = rest.subarray(written)
      this.#readOn(written)
    }
  }

  /** The client sends no more. What it has asked for is still delivered. */
  ended(): void {
    this.#hasEnded = true
    if (!this.#isBusy) this.#socket.end()
  }

  closed(): void {
    this.#isClosed = true
    if (this.#visit !== undefined) this.#context.edge.release(this.#visit)
    this.#visit = undefined
    this.#unsent = undefined
    this.#context.unsent.remove(this)
  }

  giveUp(): void {
    this.closed()
    this.#socket.terminate()
  }

  /** Ends a connection that is at rest, and any other after its answer. */
  retire(): void {
    this.#isEnding = true
    if (!this.#isBusy && !this.#reader.isAmidRequest) this.#socket.end()
  }

  get untilMs(): number {
    return this.#untilMs
  }

  expire(): void {
    if (this.#context.nowMs <= this.#untilMs) return
    // The system says seldom that it takes more: only when a good part of what it has is read.
    this.drained()
    if (this.#context.nowMs > this.#untilMs) this.giveUp()
  }

  #allow(durationMs: number): void {
    this.#untilMs = this.#context.nowMs + durationMs
  }

  /** Reads on until bytes are missing or an answer is waited for. */
  #advance(): void {
    while (!this.#isBusy && !this.#isLingering && !this.#isClosed) {
      const step = this.#reader.next()
      switch (step.state) {
        case 'partial':
          if (this.#visit !== undefined) this.#hold(this.#visit)
          return
        case 'head':
          this.#begin(step.head)
          break
        case 'body':
          this.#serve(step.text)
          break
        case 'tooLarge':
          this.#refuseBody()
          break
        case 'broken':
          this.#break(step.status)
          break
      }
    }
  }

  #begin(head: RequestHead): void {
    this.#head = head
    const visit = this.#context.edge.begin(head, this.#peer)
    if ('headerLines' in visit) {
      const isWhole = this.#reader.isBodyHere
      const isSkipped = this.#reader.skipBody(skippedBytesMax)
      if (!isWhole) this.#allow(bodyMs)
      // What is left of a body past the limit is not worth receiving. Whoever waits for a word before it
      // sends the body may go on with its next request instead, and nobody could tell which it is.
      const isUnclear = !isSkipped || (head.expectsContinue && !isWhole)
      this.#answer(visit, { isLast: isUnclear || visit.status === 413 })
      return
    }
    const { bodyBytesMax } = visit.arrival.served.config
    const isHere = this.#reader.isBodyHere
    const refusal = isHere ? undefined : this.#context.edge.hold(visit)
    if (refusal !== undefined) {
      const isSkipped = this.#reader.skipBody(skippedBytesMax)
      this.#answer(refusal, { isLast: !isSkipped || head.expectsContinue })
      return
    }
    this.#visit = visit
    this.#reader.takeBody(bodyBytesMax)
    if (isHere) return
    this.#allow(bodyMs)
    if (head.expectsContinue) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /** Of a body that is not whole. */
  #hold(visit: Visit): void {
    const refusal = this.#context.edge.grow(visit, this.#reader.bodyBytes)
    if (refusal === undefined) return
    this.#visit = undefined
    this.#reader.dropBody()
    this.#answer(refusal, { isLast: true })
  }

  #serve(text: string): void {
    const visit = this.#visit
    // Set with the head that went before.
    if (visit === undefined) return
    this.#visit = undefined
    this.#owner = visit.arrival.caller.bucketKey
    this.#isBusy = true
    this.#allow(answerMs)
    this.#context.edge.serve(visit, text, this.#served)
  }

  #refuseBody(): void {
    const visit = this.#visit
    this.#visit = undefined
    if (visit !== undefined) this.#answer(this.#context.edge.refuseBody(visit), { isLast: true })
  }

  /** What was sent is no request, so the answer is none of ours either. */
  #break(status: HeadFlaw): void {
    this.#answer({ status, headerLines: '', body: '', bodyBytes: 0 }, { isLast: true })
  }

  #answer(answer: HttpAnswer, { isLast }: { isLast: boolean }): void {
    if (this.#isClosed) return
    const closes = isLast || this.#isEnding || this.#head?.keepAlive !== true
    if (closes) this.#isEnding = true
    const { body, bodyBytes } = answer
    const head = responseHead(answer, { date: this.#context.date, closes })
    const isBodyless = this.#head?.method === 'HEAD' || answer.status === 204
    if (isBodyless) this.#outgoing = head
    else this.#outgoing = typeof body === 'string' ? head + body : [head, ...body]
    this.#outgoingBytes = isBodyless ? head.length : head.length + bodyBytes
    this.#isBusy = true
    this.#context.outbox.add(this)
  }

  flush(): void {
    if (this.#isClosed) return
    const data = this.#outgoing
    this.#outgoing = ''
    if (typeof data === 'string') this.#send(data, this.#outgoingBytes)
    else this.#sendPieces(data, this.#outgoingBytes)
    if (this.#unsent === undefined && !this.#isClosed) this.#answered()
  }

  /** Writes what the system takes; it says when it takes more. */
  #send(data: string, dataBytes: number): void {
    const written = this.#socket.write(data)
    if (written === dataBytes) return
    // A connection that is gone tells so in an event of its own; nobody is left to write to.
    if (written < 0) return
    this.#keep(Buffer.from(data), written)
  }

  #sendPieces(pieces: readonly string[], bytes: number): void {
    const { scratch } = this.#context
    if (bytes > scratch.length) {
      this.#send(wholeText(pieces), bytes)
      return
    }
    let end = 0
    for (const piece of pieces) end += scratch.write(piece, end)
    const written = this.#socket.write(scratch, 0, end)
    // What is left is copied, for the next answer is put together in the same place.
    if (written >= 0 && written < end) this.#keep(Buffer.from(scratch.subarray(written, end)), 0)
  }

  #keep(data: Buffer, written: number): void {
    this.#unsent = data.subarray(written)
    this.#allow(idleMs)
    this.#context.unsent.add(this, { owner: this.#owner, bytes: data.length })
  }

  /** What is read earns time, as little as it is: a drip must not hold what others could have. */
  #readOn(bytes: number): void {
    const untilMs = this.#untilMs + bytes / readBytesPerMs
    this.#untilMs = Math.min(untilMs, this.#context.nowMs + idleMs)
    this.#context.unsent.readOn(this)
  }

  #answered(): void {
    this.#isBusy = false
    if (this.#isEnding) {
      this.#linger()
      return
    }
    // What came while the answer was under way.
    this.#unpause()
    const isNext = this.#reader.isAmidRequest
    this.#allow(isNext ? headMs : idleMs)
    if (isNext) this.#advance()
    if (this.#hasEnded && !this.#isBusy) this.#socket.end()
  }

  /**
   * Closes this side first and takes in, unread, what the client still sends: to close at once would
   * throw the answer away before it is read.
   */
  #linger(): void {
    this.#isLingering = true
    this.#allow(lingerMs)
    if (this.#hasEnded) this.#socket.end()
    else {
      this.#unpause()
      this.#socket.shutdown()
    }
  }

  #unpause(): void {
    if (this.#isPaused) this.#socket.resume()
    this.#isPaused = false
  }
}
