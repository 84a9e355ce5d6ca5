import type { SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { LocalAccount } from 'viem'
import type { Events } from '../events.ts'
import { checkChargeRoot } from './check-charge-root.ts'
import { checkEpoch } from './check-epoch.ts'
import type { Checked, SettlementContext } from './context.ts'
import { createSettlementDesk, type SettlementDesk } from './desk.ts'
import { createEarlierRoots } from './earlier-roots.ts'
import { Unsigned } from './unsigned.ts'

/** Checks what the keeper wants to bring to the chain, and signs it where it is right. */
export function createSettlement(
  context: SettlementContext,
  { account, clock, events }: { account: LocalAccount; clock: Clock; events: Events },
): SettlementDesk {
  const earlier = createEarlierRoots(context)
  const check = (wish: SettlementWish, signal: AbortSignal): Promise<Checked> =>
    wish.kind === 'charge-root'
      ? checkChargeRoot({ ...context, earlier }, wish, signal)
      : checkEpoch(context, wish, signal)
  return createSettlementDesk({
    clock,
    async sign(wish, signal) {
      const { data, claim } = await check(wish, signal)
      const signature = await account.signTypedData(data)
      // On disk before the signature leaves.
      const claimed = claim()
      if (claimed.ok) return { signer: account.address, signature }
      throw new Unsigned(`this verifier has signed another file in its place: ${claimed.dataHash}`)
    },
    onSigned: events.settlementSigned,
    onRefused: events.settlementRefused,
    onError: events.broke,
  })
}
