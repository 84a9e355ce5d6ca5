/** The order in which figures are told. */
export const groups: readonly { title: string; names: readonly string[] }[] = [
  {
    title: 'Delegators',
    names: [
      'stake, first',
      'stake, again',
      'claim, first',
      'claim, again',
      'claimAndRestake',
      'unstake, a part',
      'unstake, everything',
      'cancelUnbonding',
      'withdraw stake',
    ],
  },
  {
    title: 'Providers',
    names: [
      'registerProvider',
      'stake, self',
      'registerNode',
      'admitNode',
      'activateNode',
      'announceCommission',
      'slash',
    ],
  },
  {
    title: 'Consumers',
    names: ['deposit, first', 'deposit, again', 'requestWithdraw', 'withdraw deposit'],
  },
  {
    title: 'Charges',
    names: [
      'postChargeRoot',
      'applyCharges, 1 leaf',
      'applyCharges, 100 leaves',
      'applyCharges, each further leaf',
    ],
  },
  {
    title: 'Epochs and payouts',
    names: [
      'post an epoch, first',
      'post an epoch, again',
      'push, first',
      'push, again',
      'sweepWithheld',
    ],
  },
  {
    title: 'Fees and the rate',
    names: [
      'route',
      'release a bucket',
      'post a rate, 2 quotes',
      'startAuction',
      'buy a part of a lot',
    ],
  },
  {
    title: 'Governance',
    names: ['announce a price table', 'cancel a price table'],
  },
]

const monad =
  'staking precompile of Monad, charged flat: `src/staking/abi.rs` of the crate monad-revm'
const uniswap =
  'Uniswap merkle-distributor, rules of Istanbul: `test/MerkleDistributor.spec.ts` at commit 0d478d7'
const ssv =
  'ssv.network, ceiling of its own tests and no measurement: `test/helpers/gas-usage.ts` at commit 0119b5d'

/** Public figures of others, and which of ours stands beside them. */
export const peers: readonly {
  what: string
  ours: readonly string[]
  theirs: string
  source: string
}[] = [
  { what: 'delegate', ours: ['stake, first', 'stake, again'], theirs: '260,850', source: monad },
  {
    what: 'delegate',
    ours: ['stake, again'],
    theirs: 'up to 140,000',
    source: `${ssv} (\`POST_INITIAL_STAKE_SSV\`)`,
  },
  {
    what: 'begin to leave',
    ours: ['unstake, a part', 'unstake, everything'],
    theirs: '147,750',
    source: monad,
  },
  {
    what: 'begin to leave',
    ours: ['unstake, a part'],
    theirs: 'up to 300,000',
    source: `${ssv} (\`REQUEST_UNSTAKE\`)`,
  },
  { what: 'withdraw what has waited', ours: ['withdraw stake'], theirs: '68,675', source: monad },
  {
    what: 'claim rewards',
    ours: ['claim, first', 'claim, again'],
    theirs: '155,375',
    source: monad,
  },
  { what: 'claim and stake again', ours: ['claimAndRestake'], theirs: '289,325', source: monad },
  { what: 'change of commission', ours: ['announceCommission'], theirs: '39,475', source: monad },
  {
    what: 'reward for a pool',
    ours: ['push, again'],
    theirs: '66,575',
    source: `${monad} (\`externalReward\`, no proof)`,
  },
  {
    what: 'a claim with a Merkle proof',
    ours: ['push, first', 'push, again', 'applyCharges, each further leaf'],
    theirs: '91,650 in a tree of 100,000',
    source: uniswap,
  },
  {
    what: 'post a root',
    ours: ['postChargeRoot'],
    theirs: 'up to 150,000',
    source: `${ssv} (\`COMMIT_ROOT\`)`,
  },
  {
    what: 'deposit of a payer',
    ours: ['deposit, first', 'deposit, again'],
    theirs: 'up to 400,000',
    source: `${ssv} (\`DEPOSIT\`)`,
  },
]
