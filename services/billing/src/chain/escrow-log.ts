import type { ChainEvent } from '@mooring/onchain/events/decode'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { TokenAmount } from '@mooring/protocol/units'
import type { Asset } from '@mooring/store/deposits'
import type { EscrowEvent, PostedRate } from '@mooring/store/ledger/escrow-events'

/** What of the chain's events the books are about. */
export type EscrowLog = {
  events: EscrowEvent[]
  rates: PostedRate[]
  /** What owners asked out, once each event was through: the last one of an account says what it is now. */
  asked: Asked[]
}

export type Asked = { account: string; asset: Asset; withdrawing: TokenAmount }

export function readEscrowLog(chainId: number, all: readonly ChainEvent[]): EscrowLog {
  const log: EscrowLog = { events: [], rates: [], asked: [] }
  for (const event of all) {
    if (event.part === 'rateFeed' && event.name === 'RatePosted') log.rates.push(rateOf(event))
    const asset = assetOf(event)
    if (asset === undefined) continue
    const kind = kinds[event.name]
    const isAbout = withdrawals.has(event.name)
    if (kind === undefined && !isAbout) continue
    // Arguments are what the ABI says they are.
    const account = accountNameOf(chainId, event.args.account as string)
    const amount = event.args.amount as bigint
    if (isAbout) {
      // One request at a time: it is all, or nothing is asked out any more.
      const withdrawing = event.name === 'WithdrawRequested' ? amount : 0n
      log.asked.push({ account, asset, withdrawing })
    }
    if (kind === undefined || amount === 0n) continue
    const { blockNumber, logIndex, transactionHash } = event
    const life = BigInt(event.args.life as number)
    log.events.push({
      ...{ blockNumber, logIndex, transactionHash, account, asset, kind, amount, life },
    })
  }
  return log
}

const kinds: Readonly<Record<string, EscrowEvent['kind'] | undefined>> = {
  Deposited: 'deposit',
  Charged: 'charge',
  Withdrawn: 'withdraw',
}

const withdrawals = new Set(['WithdrawRequested', 'WithdrawCancelled', 'Withdrawn'])

function assetOf({ part }: ChainEvent): Asset | undefined {
  if (part === 'ankrEscrow') return 'ankr'
  return part === 'stableEscrow' ? 'usd' : undefined
}

function rateOf({ args, blockNumber, logIndex }: ChainEvent): PostedRate {
  return {
    ...{ blockNumber, logIndex },
    usdPerAnkr: args.rate as bigint,
    postedAtMs: Number(args.observedAt as bigint) * 1_000,
  }
}
