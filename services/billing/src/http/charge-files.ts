import { assetNames } from '@mooring/market/settlement/epoch-data'
import type { Database } from '@mooring/store/database'
import { findChargeFile, findNewestChargeFile } from '@mooring/store/ledger/charge-files'
import type { Context, Hono } from 'hono'
import { Refusal } from '../refusal.ts'

/** A number of 63 bits or less, so that the database can hold it. */
const rootIdForm = /^[1-9]\d{0,17}$/
const hashForm = /^0x[0-9a-f]{64}$/

/**
 * The files of charge roots, byte by byte as their hashes are signed: the newest one of a root, or the one with a hash.
 * Anybody who reaches the listener may read them.
 */
export function serveChargeFiles(app: Hono, { sql }: Database): void {
  app.get('/v1/charge-files/:asset/:rootId', async (context) => {
    const { asset, rootId } = context.req.param()
    const known = assetNames.find((name) => name === asset)
    if (known === undefined) throw new Refusal(400, 'the asset is ankr or usd')
    if (!rootIdForm.test(rootId)) throw new Refusal(400, 'roots are counted from 1')
    const key = { asset: known, rootId: BigInt(rootId) }
    return answer(context, await findNewestChargeFile(sql, key))
  })
  app.get('/v1/charge-files/:dataHash', async (context) => {
    const { dataHash } = context.req.param()
    if (!hashForm.test(dataHash)) {
      throw new Refusal(400, 'the hash is 0x and 64 lower-case hexadecimal digits')
    }
    return answer(context, await findChargeFile(sql, dataHash))
  })
}

function answer(context: Context, content: string | undefined): Response {
  if (content === undefined) throw new Refusal(404, 'there is no such charge file')
  return context.body(content, 200, { 'content-type': 'application/json' })
}
