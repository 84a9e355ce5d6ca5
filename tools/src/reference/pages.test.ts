import { expect, test } from 'bun:test'
import { chainsPage } from './chains-page.ts'
import { errorsPage } from './errors-page.ts'
import { faultsPage } from './faults-page.ts'
import { tableOf } from './markdown.ts'

test('a cell may hold a bar and a line end', () => {
  expect(tableOf(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |\n')
})

test('a failure and an error class are told in words', () => {
  const page = errorsPage(
    {
      GONE: {
        jsonRpc: -32_050,
        http: 503,
        retry: 'later',
        blame: 'provider',
        charged: false,
        provocable: true,
        help: 'Wait.',
      },
      UPSTREAM_FAILED: {
        jsonRpc: -32_063,
        http: 502,
        retry: 'elsewhere',
        blame: 'nobody',
        charged: true,
        provocable: false,
        help: 'Again.',
      },
    },
    {
      evm: {
        PRUNED: {
          failure: 'UPSTREAM_FAILED',
          elsewhere: 'once',
          later: 'coolDown',
          score: 'minor',
          learn: 'pruned',
          cache: 'minutes',
          native: true,
        },
      },
    },
  )
  expect(page).toContain(
    '| `GONE` | `-32050` | 503 | yes, after a pause | the provider | beyond a share | Wait. |',
  )
  expect(page).toContain(
    "| `PRUNED` | one second opinion | after a cool-down | a failure, if another node answers | it lacks data that old | for minutes | yes | the node's own words, else `UPSTREAM_FAILED` |",
  )
})

test('a chain is told in words, test networks apart', () => {
  const page = chainsPage([
    {
      name: 'mine',
      title: 'My chain',
      family: 'evm',
      chainId: 7,
      testnet: true,
      blockTimeMs: 1_500,
      finality: { rule: 'depth', depthBlocks: 1_200 },
      lag: { freshBlocks: 2, criticalBlocks: 40 },
      header: 'unknown',
      trie: 'unknown',
      currency: { name: 'Coin', symbol: 'COIN', decimals: 18 },
    },
  ])
  expect(page.slice(page.indexOf('## Test'))).toContain(
    '| `mine` | My chain | 7 | evm | 1.5 s | 1,200 blocks deep | 2 / 40 | COIN (18 decimals) | – |',
  )
})

test('a fault is told with its values, and a node that starts with one with what heals it', () => {
  const page = faultsPage(
    [
      { name: 'down', meaning: 'Refused.', allowed: 'true or false', healthy: false },
      {
        name: 'lie',
        meaning: 'What it says.',
        allowed: 'one of none, head',
        values: { none: 'the truth', head: 'too high' },
        healthy: 'none',
      },
    ],
    { 'bravo/two': { does: 'claims much', faults: { lie: 'head' } } },
  )
  expect(page).toContain('| `down` | true or false | `false` | Refused. |')
  expect(page).toContain('What it says. `none`: the truth; `head`: too high.')
  expect(page).toContain('| `bravo/two` | claims much | `{"lie":"none"}` |')
})
