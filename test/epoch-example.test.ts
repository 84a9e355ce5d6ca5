import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { formatAnkr, formatCount, formatPpm } from '@mooring/cli/economy/amounts'
import { keccak, smallInputs } from '@mooring/market/settlement/epoch.fixtures'
import { payoutsOf } from '@mooring/market/settlement/payouts'
import { settleEpoch } from '@mooring/market/settlement/settle-epoch'

const page = readFileSync(resolve(import.meta.dir, '../docs/economy.md'), 'utf8')

test('the example of the economy’s page is what comes out', () => {
  const { served } = smallInputs
  const { work, payouts, withheld, available } = settleEpoch(smallInputs, keccak)
  const rows = work.map((own) => {
    const { providerId, chain, credits, qualityPpm } = own
    const relayed = served.find((row) => row.chain === chain)?.relayed ?? 0n
    const { amounts } = payoutsOf({ available, served, work: [own] })
    const relays = `${formatCount(credits)} of ${formatCount(relayed)}`
    const earned = formatAnkr(amounts.get(providerId) ?? 0n)
    return `| ${providerId} | ${chain} | ${relays} | ${formatPpm(qualityPpm)} | ${earned} |`
  })
  expect(page).toContain(`${rows.join('\n')}\n\n`)
  const [first, second] = payouts.map(({ amount }) => formatAnkr(amount))
  expect(page).toContain(
    `Provider 1 earns ${first}, provider 2 ${second}, and ${formatAnkr(withheld)} are withheld.`,
  )
  expect(page).toContain(`An example with ${formatAnkr(available)}.`)
})
