import { expect, test } from 'bun:test'
import { ConsumerConnection } from './consumer-connection.ts'
import type { HttpAnswer } from './responses.ts'

/** A connection on a clock of the test's own, with an edge that answers when it is told to. */
function open() {
  const seen = { cutOff: false, written: '' }
  const answers: ((answer: HttpAnswer) => void)[] = []
  const socket = {
    remoteAddress: '127.0.0.1',
    write(text: string) {
      seen.written += text
      return text.length
    },
    terminate() {
      seen.cutOff = true
    },
    pause() {},
    resume() {},
    shutdown() {},
    end() {},
  }
  const edge = {
    begin: () => ({ arrival: { served: { config: { bodyBytesMax: 1_000 } } } }),
    hold: () => undefined,
    grow: () => undefined,
    release() {},
    serve: (_visit: unknown, _text: string, done: (answer: HttpAnswer) => void) => {
      answers.push(done)
    },
  }
  const outbox = { add: (outgoing: { flush(): void }) => outgoing.flush() }
  const context = { edge, outbox, unsentBytes: 0, nowMs: 0, date: 'today' }
  type Given = ConstructorParameters<typeof ConsumerConnection>
  // As much of a socket and of an edge as a connection uses.
  const connection = new ConsumerConnection(
    socket as unknown as Given[0],
    context as unknown as Given[1],
  )
  return {
    seen,
    send: (text: string) => connection.received(Buffer.from(text)),
    answer: () => answers.shift()?.({ status: 200, headerLines: '', body: 'ok', bodyBytes: 2 }),
    /** Whether it is still open after this long. */
    survives(durationMs: number) {
      context.nowMs += durationMs
      connection.expire()
      return !seen.cutOff
    },
  }
}

const request = 'POST /eth HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'

test('a client that says nothing is let go', () => {
  const { survives } = open()
  expect(survives(19_000)).toBe(true)
  expect(survives(2_000)).toBe(false)
})

test('a head that comes in drips is not waited for longer than a head', () => {
  const { send, survives } = open()
  for (let at = 0; at < 11; at++) {
    send(request.slice(at, at + 1))
    expect(survives(1_000)).toBe(true)
  }
  send(request.slice(11, 12))
  expect(survives(2_000)).toBe(false)
})

test('a body that comes in drips is not waited for longer than a body', () => {
  const { send, survives } = open()
  send('POST /eth HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n')
  for (let at = 0; at < 19; at++) {
    send('x')
    expect(survives(1_000)).toBe(true)
  }
  send('x')
  expect(survives(2_000)).toBe(false)
})

test('an answer is waited for as long as any may take, whatever is sent ahead meanwhile', () => {
  const { send, survives, answer, seen } = open()
  send(request)
  expect(survives(20_000)).toBe(true)
  send(request.slice(0, 10))
  expect(survives(120_000)).toBe(true)
  answer()
  expect(seen.written).toEndWith('\r\n\r\nok')
  // What was sent ahead is the beginning of a head.
  expect(survives(11_000)).toBe(true)
  expect(survives(2_000)).toBe(false)
})
