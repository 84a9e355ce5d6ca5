import type { Database } from '@mooring/store/database'
import {
  findEpochFile,
  findNewestEpochFile,
  listEpochFiles,
} from '@mooring/store/ledger/epoch-files'
import type { Context, Hono } from 'hono'
import { Refusal } from '../refusal.ts'

/** A number of 63 bits or less, so that the database can hold it. */
const epochForm = /^(0|[1-9]\d{0,17})$/
const hashForm = /^0x[0-9a-f]{64}$/
const listedMax = 500

/**
 * The files of epochs, byte by byte: the newest of all or of an epoch, or the one with a hash of its data. Anybody who
 * reaches the listener may read them.
 */
export function serveEpochFiles(app: Hono, { sql }: Database): void {
  app.get('/v1/epoch-files', async (context) => {
    const files = await listEpochFiles(sql, listedMax)
    return context.json({
      files: files.map(({ epoch, attempt, previous, dataHash, madeAtMs }) => ({
        ...{ epoch: String(epoch), attempt: String(attempt), dataHash },
        previous: previous === null ? null : String(previous),
        madeAt: new Date(madeAtMs).toISOString(),
      })),
    })
  })
  app.get('/v1/epoch-files/newest', async (context) =>
    answer(context, await findNewestEpochFile(sql)),
  )
  app.get('/v1/epoch-files/epoch/:epoch', async (context) => {
    const { epoch } = context.req.param()
    if (!epochForm.test(epoch)) throw new Refusal(400, 'epochs are counted from 0')
    return answer(context, await findNewestEpochFile(sql, BigInt(epoch)))
  })
  app.get('/v1/epoch-files/:dataHash', async (context) => {
    const { dataHash } = context.req.param()
    if (!hashForm.test(dataHash)) {
      throw new Refusal(400, 'the hash is 0x and 64 lower-case hexadecimal digits')
    }
    return answer(context, await findEpochFile(sql, dataHash))
  })
}

function answer(context: Context, content: string | undefined): Response {
  if (content === undefined) throw new Refusal(404, 'there is no such epoch file')
  return context.body(content, 200, { 'content-type': 'application/json' })
}
