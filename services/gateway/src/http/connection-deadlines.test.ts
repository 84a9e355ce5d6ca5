import { describe, expect, test } from 'bun:test'
import { ConsumerConnection } from './consumer-connection.ts'
import type { HttpAnswer } from './responses.ts'
import { UnsentAnswers } from './unsent-answers.ts'

/** A connection on a clock of the test's own, with an edge that answers when it is told to. */
function open() {
  const seen = { cutOff: false, written: '' }
  /** What the system takes of an answer before the client reads more. */
  let room = Number.POSITIVE_INFINITY
  const answers: ((answer: HttpAnswer) => void)[] = []
  const socket = {
    remoteAddress: '127.0.0.1',
    write(data: string | Buffer) {
      const taken = data.slice(0, room).toString()
      seen.written += taken
      room -= taken.length
      return taken.length
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
    begin: () => ({
      arrival: { caller: { bucketKey: 'a' }, served: { config: { bodyBytesMax: 1_000 } } },
    }),
    hold: () => undefined,
    grow: () => undefined,
    release() {},
    serve: (_visit: unknown, _text: string, done: (answer: HttpAnswer) => void) => {
      answers.push(done)
    },
  }
  const outbox = { add: (outgoing: { flush(): void }) => outgoing.flush() }
  const context = { edge, outbox, unsent: new UnsentAnswers(), nowMs: 0, date: 'today' }
  type Given = ConstructorParameters<typeof ConsumerConnection>
  // As much of a socket and of an edge as a connection uses.
  const connection = new ConsumerConnection(
    socket as unknown as Given[0],
    context as unknown as Given[1],
  )
  return {
    seen,
    send: (text: string) => connection.received(Buffer.from(text)),
    answer(body = 'ok') {
      answers.shift()?.({ status: 200, headerLines: '', body, bodyBytes: body.length })
    },
    unsent: context.unsent,
    stopsReading() {
      room = 0
    },
    /** The client reads, and the connection is told so, or the system waits until more of it is read. */
    reads(bytes: number, isTold: 'told' | 'untold' = 'told') {
      room += bytes
      if (isTold === 'told') connection.drained()
    },
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

describe('an answer that is not read', () => {
  const long = 'x'.repeat(2_000_000)
  const stall = () => {
    const opened = open()
    opened.send(request)
    opened.stopsReading()
    opened.answer(long)
    return opened
  }

  test('is not waited for as long as one that is still to come, and gives its room back', () => {
    const { survives, unsent } = stall()
    expect(unsent.bytes).toBeGreaterThan(long.length)
    expect(survives(19_000)).toBe(true)
    expect(survives(2_000)).toBe(false)
    expect(unsent.bytes).toBe(0)
  })

  test('in drips is given up soon', () => {
    const { survives, reads } = stall()
    for (let second = 0; second < 19; second++) {
      reads(100)
      expect(survives(1_000)).toBe(true)
    }
    reads(100)
    expect(survives(2_000)).toBe(false)
  })

  test('but read slowly arrives whole', () => {
    const { survives, reads, seen, unsent } = stall()
    for (let second = 0; second < 110; second++) {
      reads(20_000)
      expect(survives(1_000)).toBe(true)
    }
    expect(seen.written).toEndWith(long)
    expect(unsent.bytes).toBe(0)
  })

  test('but read slowly arrives whole, though the system says nothing of it', () => {
    const { survives, reads, seen } = stall()
    for (let second = 0; second < 110; second++) {
      reads(20_000, 'untold')
      expect(survives(1_000)).toBe(true)
    }
    expect(seen.written.length).toBeGreaterThan(1_500_000)
  })
})
