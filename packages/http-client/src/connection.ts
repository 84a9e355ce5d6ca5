import type { TransportFault } from '@mooring/chains/family'
import type { Socket } from 'bun'
import type { Call } from './call.ts'
import type { Outbox, Outgoing } from './outbox.ts'
import type { HeadMemo } from './response-head.ts'
import { type ParsedResponse, ResponseParser } from './response-parser.ts'
import type { UpstreamAddress } from './upstream-address.ts'

/** Why a connection failed. */
export type Ending = { fault: TransportFault; detail: string }

/** An address to connect to in the place of a host's name, or why there is none that may be. Never rejects. */
export type Locate = () => Promise<{ ok: true; address: string } | { ok: false; problem: string }>

type ConnectionOptions = { answerBytesMax: number; headMemo: HeadMemo; outbox: Outbox }

/** Who owns the connections. Called from socket events: must only record, hand on and never throw. */
export type ConnectionOwner = {
  /** The connection can take its first request. */
  opened(connection: Connection): void
  /** The call has its answer; unless `isOpen`, the connection cannot be used again. */
  answered(connection: Connection, response: ParsedResponse): void
  /** The connection failed, with its call if it had one. Comes at most once, and not after `close` or `drop`. */
  failed(connection: Connection, ending: Ending): void
  /** Bytes came that belong to no answer: what comes next on another connection may do so too. */
  outOfStep(): void
  /** The attempt to connect ended, well or not, even of a connection that was dropped meanwhile. */
  dialSettled(): void
}

/** One keep-alive connection, with at most one request on it. */
export class Connection implements Outgoing {
  /** The request being worked on, from the dial on; the owner sets and clears it. */
  call: Call | undefined
  readonly #owner: ConnectionOwner
  readonly #options: ConnectionOptions
  #state: 'dialling' | 'open' | 'closed' = 'dialling'
  #socket: Socket | undefined
  /** Of the answer to a request that was handed to the socket, or has begun to be. */
  #parser: ResponseParser | undefined
  /** The call whose request is to be written when the turn of this connection comes. */
  #due: Call | undefined
  /** What the system would not take yet of the request. */
  #unsent: Buffer | undefined
  #answers = 0

  constructor(owner: ConnectionOwner, options: ConnectionOptions) {
    this.#owner = owner
    this.#options = options
  }

  get isDialling(): boolean {
    return this.#state === 'dialling'
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /**
   * Whether it was used before and no byte came that could be of the present answer: the upstream may close
   * an idle connection just as it is used again, or send more than it was asked for.
   */
  get isStale(): boolean {
    return this.#answers > 0 && this.#parser?.started !== true
  }

  /** @param locate - Asked where to connect; the certificate has to be for the host's name all the same. */
  dial(address: UpstreamAddress, locate?: Locate): void {
    if (locate === undefined) this.#connect(address, address.host)
    else void locate().then((located) => this.#located(address, located))
  }

  #located(address: UpstreamAddress, located: Awaited<ReturnType<Locate>>): void {
    if (located.ok && this.#state === 'dialling') this.#connect(address, located.address)
    else {
      this.#owner.dialSettled()
      if (!located.ok) this.#fail('unreachable', `it may not be connected to: ${located.problem}`)
    }
  }

  #connect({ port, tls }: UpstreamAddress, hostname: string): void {
    const connected = (socket: Socket) => this.#connected(socket, tls === undefined)
    try {
      Bun.connect({
        hostname,
        port,
        ...(tls === undefined ? {} : { tls }),
        socket: {
          open: connected,
          handshake: (_socket, trusted, error) => this.#shookHands(trusted, error),
          data: (_socket, bytes) => this.#received(bytes),
          drain: () => this.#sendRest(),
          end: () => this.#ended(),
          close: (_socket, error) => this.#closed(error),
          error: (_socket, error) => this.#closed(error),
          connectError: (_socket, error) => this.#notConnected(error),
        },
        // The rejection repeats what connectError has reported.
      }).catch(() => undefined)
    } catch (error) {
      this.#notConnected(error)
    }
  }

  /** Has the request of `call`, which is set, written. */
  send(): void {
    this.#due = this.call
    this.#options.outbox.add(this)
  }

  flush(): void {
    const call = this.#due
    this.#due = undefined
    // It may have been given up, and its connection with it, since it was placed here.
    if (this.#state !== 'open' || call === undefined || call !== this.call) return
    // Not before: what comes until here is no answer to this request.
    this.#parser = new ResponseParser(this.#options.answerBytesMax, this.#options.headMemo)
    const { text, bytes } = call.request
    const written = this.#socket?.write(text) ?? -1
    if (written === bytes) call.sent = true
    else {
      this.#unsent = Buffer.from(text)
      this.#wrote(written, call)
    }
  }

  /** Closes a connection that is at rest, as the upstream expects it, and reports nothing. */
  close(): void {
    this.#state = 'closed'
    this.#socket?.end()
  }

  /** Breaks off whatever is going on and reports nothing. */
  drop(): void {
    this.#state = 'closed'
    // Without a socket the dial still runs. It cannot be called off; its socket is closed when it comes.
    this.#socket?.terminate()
  }

  #connected(socket: Socket, isReady: boolean): void {
    this.#socket = socket
    this.#owner.dialSettled()
    if (this.#state === 'closed') socket.terminate()
    else if (isReady) this.#open()
  }

  #shookHands(trusted: boolean, error: Error | null): void {
    if (this.#state !== 'dialling') return
    if (trusted && error === null) this.#open()
    else this.#fail('unreachable', `the TLS handshake failed (${reasonOf(error)})`)
  }

  #open(): void {
    this.#state = 'open'
    this.#owner.opened(this)
  }

  #notConnected(error: unknown): void {
    this.#owner.dialSettled()
    this.#fail('unreachable', `no connection (${reasonOf(error)})`)
  }

  #received(bytes: Buffer): void {
    if (this.#state !== 'open') return
    if (this.#parser === undefined) {
      if (!isTimeoutNotice(bytes)) this.#owner.outOfStep()
      this.#fail('malformed', 'bytes came that nobody asked for')
      return
    }
    // A refusal may come amid a long request. Where an answer came before, it may as well be more of that.
    if (this.#unsent !== undefined && this.#answers > 0) {
      this.#fail('malformed', 'bytes came before the request was sent')
      return
    }
    const result = this.#parser.push(bytes)
    if (result.state === 'whole') this.#answer(this.#parser, result.response)
    else if (result.state === 'broken') this.#fail(result.fault, result.detail)
  }

  #answer(parser: ResponseParser, response: ParsedResponse): void {
    // An answer that comes before the whole request was sent leaves the rest of it in the way.
    const isReusable = response.head.keepAlive && !parser.leftover && this.#unsent === undefined
    if (parser.leftover) this.#owner.outOfStep()
    this.#parser = undefined
    this.#answers += 1
    if (!isReusable) this.close()
    this.#owner.answered(this, response)
  }

  /** Writes what the system takes; it says when it takes more. */
  #sendRest(): void {
    const { call } = this
    if (this.#unsent === undefined || this.#state !== 'open' || call === undefined) return
    this.#wrote(this.#socket?.write(this.#unsent) ?? -1, call)
  }

  #wrote(written: number, call: Call): void {
    if (written > 0) call.sent = true
    if (written < 0) this.#fail('lost', 'the connection was closed before the request')
    else this.#unsent = this.#unsent?.subarray(written)
    if (this.#unsent?.length === 0) this.#unsent = undefined
  }

  /** The upstream sends no more: this is how some of its bodies end. */
  #ended(): void {
    if (this.#state !== 'open' || this.#parser === undefined) return
    const result = this.#parser.end()
    if (result.state === 'whole') this.#answer(this.#parser, result.response)
  }

  #closed(error: unknown): void {
    if (this.#state === 'dialling') {
      this.#fail('unreachable', `the TLS handshake was broken off (${reasonOf(error)})`)
    } else if (this.#parser?.started === true) {
      this.#fail('lost', 'the connection closed amid the answer')
    } else this.#fail('lost', 'the connection closed before the answer')
  }

  #fail(fault: TransportFault, detail: string): void {
    if (this.#state === 'closed') return
    this.drop()
    this.#owner.failed(this, { fault, detail })
  }
}

/** What an upstream may say before it closes a connection at rest. See RFC 9110, section 15.5.9. */
function isTimeoutNotice(bytes: Buffer): boolean {
  return /^HTTP\/1\.[01] 408/.test(bytes.toString('latin1', 0, 12))
}

/** The error's code alone: its message may name the upstream's address. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return 'no reason given'
}
