import {
  type CopyAbsence,
  type CopyAnswer,
  type CopyList,
  type CopyRefusal,
  copyBodyBytesMax,
} from '@mooring/protocol/metering/copies'
import { WrongSum } from '@mooring/protocol/metering/frame'
import { bearsOne } from '@mooring/settings/credentials'
import type { Meters } from '@mooring/telemetry/meters'
import { type Context, Hono } from 'hono'
import { Refusal } from '../refusal.ts'
import type { Copies, CopyName } from './copies.ts'
import { NoCopy, type Parcel, parseParcel } from './copy-state.ts'
import type { Events } from './events.ts'

export type AppParts = {
  copies: Copies
  meters: Meters
  events: Events
  credentials: readonly string[]
}

/** Lines are a little longer than what is counted of them. */
const answerLengthMax = copyBodyBytesMax / 4

/** What gateways send, and what the billing service asks back. */
export function createApp({ copies, meters, events, credentials }: AppParts): Hono {
  const app = new Hono()
  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json({ error: error.message }, error.status)
    events.broke(error, `${context.req.method} ${context.req.routePath}`)
    return context.json({ error: 'something broke here: try again' }, 500)
  })
  app.notFound((context) => context.json({ error: paths }, 404))
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/metrics', (context) => {
    events.measured({ copies: copies.list().length })
    return context.text(meters.render())
  })

  app.use('/v1/*', async (context, next) => {
    if (!bearsOne(context.req.header('authorization'), credentials)) {
      throw new Refusal(401, 'bear a credential of the operator as Authorization: Bearer …')
    }
    await next()
    context.header('cache-control', 'no-store')
  })
  app.get('/v1/copies', (context) => context.json({ copies: copies.list() } satisfies CopyList))
  app.post(copyPath, async (context) => {
    const name = nameOf(context)
    const answer = await answerTo(copies, name, context.req.raw)
    if (answer.error === undefined) events.kept()
    else events.refused(name, answer)
    return context.json(answer, answer.error === undefined ? 200 : 409)
  })
  app.get(copyPath, (context) => {
    const after = numberOf(context, 'after')
    const text = copies.textAfter(nameOf(context), { after, lengthMax: answerLengthMax })
    // So that it is not taken for what any server says that is no witness.
    if (text === undefined) return context.json({ error: 'absent' } satisfies CopyAbsence, 404)
    return context.text(text)
  })
  app.delete(copyPath, async (context) => {
    const [name, upTo] = [nameOf(context), numberOf(context, 'upTo')]
    await copies.forget(name, upTo)
    events.forgot(name, upTo)
    return context.json({ ok: true })
  })
  return app
}

const copyPath = '/v1/copies/:instance/:epoch'
const paths =
  'there is no such path: POST, GET and DELETE /v1/copies/{instance}/{epoch}; GET /v1/copies, /metrics, /health'

function nameOf(context: Context): CopyName {
  const { instance = '', epoch = '' } = context.req.param() as Record<string, string>
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(instance)) {
    throw new Refusal(400, 'the instance is a name of up to 64 letters, digits, ., _ and -')
  }
  if (!/^[1-9][0-9]{0,11}$/.test(epoch)) {
    throw new Refusal(400, 'the epoch is a number from 1, of up to 12 digits')
  }
  return { instance, epoch: Number(epoch) }
}

function numberOf(context: Context, name: 'after' | 'upTo'): number {
  const text = context.req.query(name) ?? ''
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new Refusal(400, `${name} is the number of a frame, of up to 15 digits`)
  }
  return Number(text)
}

async function answerTo(
  copies: Copies,
  name: CopyName,
  request: Request,
): Promise<CopyAnswer | CopyRefusal> {
  const parcel = await parcelOf(request)
  return 'error' in parcel ? parcel : await copies.keep(name, parcel)
}

async function parcelOf(request: Request): Promise<Parcel | CopyRefusal> {
  const length = Number(request.headers.get('content-length') ?? 0)
  const text = length > copyBodyBytesMax ? '' : await request.text()
  if (length > copyBodyBytesMax || text.length > copyBodyBytesMax) {
    return malformed(`the body is over ${copyBodyBytesMax} bytes`)
  }
  // What was cut off on the way may end anywhere.
  if (!text.endsWith('\n')) return malformed('the last line has no end')
  try {
    return parseParcel(text) ?? malformed('a head comes first, then frames')
  } catch (error) {
    if (error instanceof WrongSum || error instanceof NoCopy) return malformed(error.message)
    throw error
  }
}

function malformed(detail: string): CopyRefusal {
  return { error: 'malformed', last: 0, detail }
}
