import type { Socket } from 'bun'

/** An answer, or in words why there is none. */
export type HttpAnswer = { status: number; body: string } | { problem: string }

type Taker = (answer: HttpAnswer) => void

const contentLength = /\r\ncontent-length: *(\d+)/i

/**
 * A kept connection that sends one request at a time. Made for load, so it costs little and understands
 * only answers that say their length.
 */
export class HttpConnection {
  #socket: Socket | undefined
  #taker: Taker | undefined
  #received: Buffer[] = []
  #receivedBytes = 0
  #expectedBytes: number | undefined
  #isClosed = false

  static async open({ hostname, port }: URL): Promise<HttpConnection> {
    const connection = new HttpConnection()
    connection.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_socket, bytes) => connection.#receive(bytes),
        close: () => connection.#end('the connection was closed'),
        error: (_socket, error) => connection.#end(error.message),
      },
    })
    return connection
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a whole request; the answer, or its lack, is told once. */
  send(request: string, taker: Taker): void {
    this.#taker = taker
    this.#received = []
    this.#receivedBytes = 0
    this.#expectedBytes = undefined
    // Requests of a load are small, and one is on the way at a time: the system takes them whole.
    const written = this.#socket?.write(request) ?? -1
    if (written < request.length) this.#end('the request was not taken whole')
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.terminate()
  }

  #receive(bytes: Buffer): void {
    this.#received.push(bytes)
    this.#receivedBytes += bytes.length
    this.#expectedBytes ??= this.#lengthOfAnswer()
    if (this.#expectedBytes === undefined || this.#receivedBytes < this.#expectedBytes) return
    const text = Buffer.concat(this.#received).toString()
    const status = Number(text.slice(9, 12))
    this.#tell({ status, body: text.slice(text.indexOf('\r\n\r\n') + 4) })
  }

  /** Head and body together, once the head is here. */
  #lengthOfAnswer(): number | undefined {
    const text = Buffer.concat(this.#received).toString('latin1')
    const headEnd = text.indexOf('\r\n\r\n')
    if (headEnd === -1) return undefined
    const length = contentLength.exec(text.slice(0, headEnd))?.[1]
    if (length === undefined) this.#end('the answer does not say its length')
    return headEnd + 4 + Number(length ?? 0)
  }

  #end(problem: string): void {
    this.close()
    this.#tell({ problem })
  }

  #tell(answer: HttpAnswer): void {
    const taker = this.#taker
    this.#taker = undefined
    taker?.(answer)
  }
}
