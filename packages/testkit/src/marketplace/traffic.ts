import type { Customer } from '../economy/customers.ts'

/** What came of the requests of one round. */
export type Served = { answered: number; refused: number; lost: number }

/** So many of an account are under way at once. */
const inFlight = 8
const answerTimeoutMs = 30_000
/** Of so many requests one asks again for what was asked for before. */
const repeatedEach = 4
/** Of one that was not answered. */
const triesMax = 40
const retryPauseMs = 250

export type Round = {
  /** Where the gateways are now, each with the path of the chain. */
  urls: () => readonly string[]
  customers: readonly Customer[]
  requestsEach: number
  /** Tells rounds apart, so that what one has asked for is not in the cache of the next. */
  number: number
  signal: AbortSignal
}

/** Sends requests of every account to all gateways in turn, until each was answered or given up. */
export async function sendRound(round: Round): Promise<Served> {
  const served: Served = { answered: 0, refused: 0, lost: 0 }
  await Promise.all(
    round.customers.map(async (customer) => {
      let next = 0
      const one = async () => {
        while (next < round.requestsEach) await sendOne(round, customer, { at: next++, served })
      }
      await Promise.all(Array.from({ length: inFlight }, one))
    }),
  )
  return served
}

async function sendOne(
  { urls, number, signal }: Round,
  customer: Customer,
  { at, served }: { at: number; served: Served },
): Promise<void> {
  const place = at % repeatedEach === 0 ? 0 : at
  // Another account of the chain each, so that its node has to be asked.
  const address = `0x${[number, customer.number, place].map((part) => part.toString(16).padStart(8, '0')).join('')}`
  const params = [address.padEnd(42, '0'), 'latest']
  const body = JSON.stringify({ jsonrpc: '2.0', id: at + 1, method: 'eth_getBalance', params })
  for (let tries = 0; tries < triesMax; tries++) {
    signal.throwIfAborted()
    const all = urls()
    const url = all[(at + tries) % all.length]
    const came = await ask(`${url}/${customer.key}`, body)
    if (came !== 'answered') {
      served[came]++
      await Bun.sleep(retryPauseMs)
      continue
    }
    served.answered++
    return
  }
  throw new Error(`a request was not answered in ${triesMax} tries`)
}

/** `lost`: nobody knows what came of it. */
async function ask(url: string, body: string): Promise<keyof Served> {
  const headers = { 'content-type': 'application/json' }
  const timeout = AbortSignal.timeout(answerTimeoutMs)
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: timeout })
    return 'result' in Object(await response.json()) ? 'answered' : 'refused'
  } catch {
    return 'lost'
  }
}
