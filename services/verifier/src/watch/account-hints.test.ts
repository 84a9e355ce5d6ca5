import { expect, test } from 'bun:test'
import { deployment, hashOf, somebody } from '../deposits/logs.fixtures.ts'
import { createAccountHints } from './account-hints.ts'
import { accountKeyOf, type WatchedToken } from './tokens.ts'

const { ankrEscrow } = deployment.parts
const tokenOf = (jti: string): WatchedToken => ({
  ...{ jti, keyCommitment: undefined },
  facts: {
    ...{ escrow: ankrEscrow, account: somebody, transactionHash: hashOf(7), logIndex: 3 },
    ...{ amount: '20', life: 0, blockNumber: 100, blockHash: hashOf(100), isFinal: false },
  },
})
const ours = accountKeyOf(ankrEscrow, somebody)

test('a hint is due from its block on, and kept until the account was looked at there', () => {
  const hints = createAccountHints(12)
  hints.add('a', 10n)
  expect(hints.due(9n)).toEqual([])
  expect(hints.due(10n)).toEqual(['a'])
  hints.done('a', 10n)
  expect(hints.due(21n)).toEqual([])
})

test('an account is looked at once more some blocks later, and not a third time', () => {
  const hints = createAccountHints(12)
  hints.add('a', 10n)
  hints.done('a', 11n)
  expect(hints.due(22n)).toEqual([])
  expect(hints.due(23n)).toEqual(['a'])
  hints.done('a', 23n)
  expect(hints.due(999n)).toEqual([])
})

test('an account that is touched in every block is looked at all the same, and again', () => {
  const hints = createAccountHints(12)
  hints.add('a', 10n)
  hints.add('a', 12n)
  expect(hints.due(11n)).toEqual(['a'])
  hints.done('a', 11n)
  expect(hints.due(11n)).toEqual([])
  expect(hints.due(12n)).toEqual(['a'])
  hints.done('a', 12n)
  expect(hints.due(23n)).toEqual([])
})

test('what is told while an account is looked at is not lost', () => {
  const hints = createAccountHints(12)
  hints.add('a', 10n)
  const due = hints.due(10n)
  hints.add('a', 11n)
  for (const key of due) hints.done(key, 10n)
  expect(hints.due(11n)).toEqual(['a'])
})

test('the account of a token is looked at once when the token is new, and again when all are taken for new', () => {
  const hints = createAccountHints(12)
  const look = () => {
    const due = hints.due(0n)
    for (const key of due) hints.done(key, 0n)
    return due
  }
  hints.meet([tokenOf('a')])
  expect(look()).toEqual([ours])
  hints.meet([tokenOf('a')])
  expect(look()).toEqual([])
  hints.meet([tokenOf('a'), tokenOf('b')])
  expect(look()).toEqual([ours])
  hints.meetAnew()
  hints.meet([tokenOf('a')])
  expect(look()).toEqual([ours])
})

test('accounts without a token are forgotten, whatever is told of them', () => {
  const hints = createAccountHints(12)
  hints.meet([tokenOf('a')])
  for (let number = 0; number < 1_000; number++) hints.add(`somebody ${number}`, 2n ** 200n)
  hints.add('nobody', 1n)
  hints.meet([tokenOf('a')])
  expect(hints.due(2n ** 200n)).toEqual([ours])
  hints.meet([])
  expect(hints.due(2n ** 200n)).toEqual([])
})
