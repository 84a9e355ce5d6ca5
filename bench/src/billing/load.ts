import { systemClock } from '@mooring/telemetry/clock'
import type { Customer } from '@mooring/testkit/economy/customers'
import { type HttpAnswer, HttpConnection } from '../load/http-connection.ts'
import { method } from './plan.ts'

/** What one account has sent, by what came of it. */
export type Tally = {
  sent: number
  ok: number
  /** Connections that were cut with a request on its way: nobody knows what came of it. */
  cut: number
  /** Answers that are failures, by HTTP status. */
  refused: Map<number, number>
}

/** Before a connection is opened again, and after a request that was refused. */
const pauseMs = 50
/** A gateway that says nothing for so long is left. */
const silenceMs = 30_000
/** Blocks that are asked for: some come from the cache of a gateway, and some from its node. */
const firstBlock = 0x1000001
const blocks = 512

export class Load {
  readonly #tallies: ReadonlyMap<string, Tally>
  readonly #running: Promise<void>[] = []
  #sent = 0
  #isEnded = false

  constructor(customers: readonly Customer[]) {
    this.#tallies = new Map(
      customers.map(({ account }) => [account, { sent: 0, ok: 0, cut: 0, refused: new Map() }]),
    )
  }

  get sent(): number {
    return this.#sent
  }

  get tallies(): ReadonlyMap<string, Tally> {
    return this.#tallies
  }

  /** One more connection. @param target - Where it goes; it is opened again when that changes. */
  add({ account, key }: Customer, target: { readonly url: string }): void {
    const tally = this.#tallies.get(account)
    if (tally === undefined) throw new Error(`there is no tally of ${account}`)
    const line = new Line({ key, target, tally, onSent: () => ++this.#sent })
    this.#running.push(line.run(() => this.#isEnded))
  }

  /** Resolves when the last answer is here. */
  async end(): Promise<void> {
    this.#isEnded = true
    await Promise.all(this.#running)
  }
}

type LineOptions = {
  key: string
  target: { readonly url: string }
  tally: Tally
  /** @returns How many were sent by all. */
  onSent: () => number
}

/** A kept connection: one request after the other, and opened again when it was cut. */
class Line {
  readonly #options: LineOptions
  #connection: HttpConnection | undefined
  #url = ''

  constructor(options: LineOptions) {
    this.#options = options
  }

  async run(isEnded: () => boolean): Promise<void> {
    while (!isEnded()) {
      const connection = await this.#open()
      const isServed = connection !== undefined && (await this.#ask(connection))
      if (!isServed) await systemClock.sleep(pauseMs)
    }
    this.#connection?.close()
  }

  async #open(): Promise<HttpConnection | undefined> {
    const { url } = this.#options.target
    const known = this.#connection
    if (known !== undefined && !known.isClosed && url === this.#url) return known
    known?.close()
    this.#url = url
    this.#connection = await HttpConnection.open(new URL(url)).catch(() => undefined)
    return this.#connection
  }

  async #ask(connection: HttpConnection): Promise<boolean> {
    const { tally, onSent } = this.#options
    tally.sent++
    const request = requestOf(this.#url, this.#options.key, onSent())
    const answer = await new Promise<HttpAnswer>((resolve) => {
      const timer = setTimeout(() => connection.close(), silenceMs)
      connection.send(request, (received) => {
        clearTimeout(timer)
        resolve(received)
      })
    })
    if ('problem' in answer) tally.cut++
    else if (answer.status === 200 && answer.body.includes('"result":')) tally.ok++
    else tally.refused.set(answer.status, (tally.refused.get(answer.status) ?? 0) + 1)
    return 'status' in answer && answer.status === 200
  }
}

function requestOf(url: string, key: string, at: number): string {
  const block = (firstBlock + (at % blocks)).toString(16)
  const body = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":["0x${block}",false]}`
  const { pathname, host } = new URL(url)
  return `POST ${pathname}/${key} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
