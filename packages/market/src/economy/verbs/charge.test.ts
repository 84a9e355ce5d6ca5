import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import { conserved } from '../conserved.ts'
import { balanceOf } from '../ledger.ts'
import { depositOf } from '../payments/escrow.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { after, later } from './scenario.fixtures.ts'

const economy = begunEconomy()
const [alice = '', bob = '', carol = ''] = testCast.consumers
const { outsider, signers } = testCast
const quorum = signers.slice(0, 3)
const leaf = (account: string, total: bigint, life = 0n) => ({ account, life, total })
const hour = 3_600n

const post = (leaves: ReturnType<typeof leaf>[], asset: 'ankr' | 'stable' = 'ankr'): Action => ({
  name: 'postChargeRoot',
  caller: outsider,
  args: { asset, leaves, periodEnd: economy.now, signers: quorum },
})
const apply = (leaves: ReturnType<typeof leaf>[], asset: 'ankr' | 'stable' = 'ankr'): Action => ({
  name: 'applyCharges',
  caller: outsider,
  args: { asset, rootId: 1n, leaves },
})
const charge = (leaves: ReturnType<typeof leaf>[], asset: 'ankr' | 'stable' = 'ankr') =>
  after(later(after(economy, [post(leaves, asset)]), 12n * hour), [apply(leaves, asset)])

describe('a charge', () => {
  test('becomes fees when its leaf is applied, and the fees are split at once', () => {
    const charged = charge([leaf(alice, 1_000n * tokenScale)])
    expect(depositOf(charged.escrows.ankr, alice).balance).toBe(19_000n * tokenScale)
    expect(charged.router).toMatchObject({
      providersTotal: 800n * tokenScale,
      accrued: { Treasury: 80n * tokenScale, Grants: 20n * tokenScale },
    })
    expect(charged.distributor.fundedTotal).toBe(800n * tokenScale)
    expect(economy.ledger.supply.ankr - charged.ledger.supply.ankr).toBe(50n * tokenScale)
    expect(conserved(charged)).toEqual([])
  })

  test('in stablecoin waits in the router to be sold', () => {
    const charged = charge([leaf(alice, 10_000_000n)], 'stable')
    expect(charged.router).toMatchObject({ stablePending: 10_000_000n, providersTotal: 0n })
    expect(conserved(charged)).toEqual([])
  })

  test('that promises more than a balance takes the cap, and nobody else’s money', () => {
    const huge = leaf(alice, 10n ** 30n)
    const charged = charge([leaf(carol, 5n), huge, leaf(bob, 7n), { ...huge, total: 1n }])
    expect(depositOf(charged.escrows.ankr, alice).spent).toBe(2_000n * tokenScale)
    expect(depositOf(charged.escrows.ankr, bob).spent).toBe(7n)
    expect(depositOf(charged.escrows.ankr, carol).spent).toBe(0n)
  })

  test('that nobody signed for is skipped', () => {
    const posted = later(after(economy, [post([leaf(bob, 7n)])]), 12n * hour)
    const applied = after(posted, [apply([leaf(bob, 8n), leaf(bob, 7n)])])
    expect(depositOf(applied.escrows.ankr, bob).spent).toBe(7n)
  })

  test('waits for its delay, and never comes from a root that was disabled', () => {
    const posted = after(economy, [post([leaf(bob, 7n)])])
    const early = later(posted, 12n * hour - 2n)
    expect(() => after(early, [apply([])])).toThrow('EscrowRootNotApplicable')
    const disabled = after(posted, [
      {
        name: 'disableChargeRoot',
        caller: economy.roles.guardian,
        args: { asset: 'ankr', rootId: 1n },
      },
    ])
    expect(() => after(later(disabled, 15n * hour), [apply([])])).toThrow('EscrowRootNotApplicable')
    // The next root follows the last good one, of which there is none.
    after(disabled, [post([leaf(bob, 7n)])])
    expect(() => after(posted, [post([leaf(bob, 7n)])])).toThrow('EscrowPeriodTooShort')
  })
})

describe('a withdrawal', () => {
  const ask: Action = {
    name: 'requestWithdraw',
    caller: alice,
    args: { asset: 'ankr', amount: 20_000n * tokenScale },
  }
  const take: Action = {
    name: 'withdrawDeposit',
    caller: alice,
    args: { asset: 'ankr', to: alice },
  }

  test('needs nobody else, from its date on', () => {
    const asked = after(economy, [ask])
    expect(() => after(later(asked, 48n * hour - 2n), [take])).toThrow('EscrowWithdrawTooEarly')
    const paid = after(later(asked, 48n * hour - 1n), [take])
    expect(balanceOf(paid.ledger, 'ankr', alice)).toBe(5_000_000n * tokenScale)
  })

  test('lets charges of its time come first, and what was not applied by then lapses', () => {
    const root = [leaf(alice, 1_000n * tokenScale)]
    const charged = after(later(after(economy, [ask, post(root)]), 12n * hour), [apply(root)])
    const paid = after(later(charged, 48n * hour), [take])
    expect(balanceOf(paid.ledger, 'ankr', alice)).toBe(4_999_000n * tokenScale)
    const late = after(later(after(economy, [ask, post(root)]), 48n * hour), [take, apply(root)])
    expect(late.router.providersTotal).toBe(0n)
  })
})
