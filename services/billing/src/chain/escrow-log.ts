import type { ChainEvent } from '@mooring/onchain/events/decode'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { Asset } from '@mooring/store/deposits'
import type { EscrowEvent, PostedRate } from '@mooring/store/ledger/escrow-events'

/** What of the chain's events the books are about. */
export type EscrowLog = {
  events: EscrowEvent[]
  rates: PostedRate[]
  /** Accounts whose request to withdraw may have changed. */
  asked: { account: string; asset: Asset }[]
}

export function readEscrowLog(chainId: number, all: readonly ChainEvent[]): EscrowLog {
  const log: EscrowLog = { events: [], rates: [], asked: [] }
  for (const event of all) {
    if (event.part === 'rateFeed' && event.name === 'RatePosted') log.rates.push(rateOf(event))
    const asset = assetOf(event)
    if (asset === undefined) continue
    const kind = kinds[event.name]
    if (kind === undefined && !isAbout(event.name)) continue
    // Arguments are what the ABI says they are.
    const account = accountNameOf(chainId, event.args.account as string)
    if (isAbout(event.name)) log.asked.push({ account, asset })
    const amount = kind === undefined ? 0n : (event.args.amount as bigint)
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

function isAbout(name: string): boolean {
  return name === 'WithdrawRequested' || name === 'WithdrawCancelled' || name === 'Withdrawn'
}

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
