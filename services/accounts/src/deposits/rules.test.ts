import { describe, expect, test } from 'bun:test'
import type { SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import type { Deposit, DepositState } from '@mooring/store/deposits'
import fc from 'fast-check'
import type { VerifierAnswer } from '../verifiers/verifiers.ts'
import { isAnswered, judgeDeposit, nextCheckMs, pauseWanted } from './rules.ts'

const account = `0x${'aa'.repeat(20)}` as const
const escrows = { ankr: `0x${'e1'.repeat(20)}`, usd: `0x${'e2'.repeat(20)}` }
const seen: Deposit = {
  ...{ id: 'd', account: `eip155:1:${account}`, chainId: 1, logIndex: 0, state: 'seen' },
  ...{ confirmations: null, confirmationsNeeded: null, refusal: null, asset: null, amount: null },
  ...{
    credited: 0n,
    life: null,
    blockNumber: null,
    blockHash: null,
    toldAtMs: 0,
    checks: 0,
    revision: 0,
  },
  transactionHash: `0x${'11'.repeat(32)}`,
}
const capped: Deposit = {
  ...seen,
  state: 'attested-capped',
  asset: 'ankr',
  amount: 1_005n,
  credited: 100n,
}

function attestation(changes: Partial<SignedAttestation> = {}): SignedAttestation {
  return {
    ...{ escrow: escrows.ankr as `0x${string}`, account, transactionHash: seen.transactionHash },
    ...{ logIndex: 0, amount: '1005', life: 2, blockNumber: 7, isFinal: false },
    ...{ blockHash: `0x${'b1'.repeat(32)}`, verifier: account, signature: '0x' },
    ...changes,
  }
}

const refused = (
  code: Extract<VerifierAnswer, { kind: 'refused' }>['code'],
  have?: number,
): VerifierAnswer => ({
  kind: 'refused',
  code,
  ...(have === undefined ? {} : { confirmations: { have, need: 12 } }),
})
const silent: VerifierAnswer = { kind: 'silent' }

function judge(deposit: Deposit, answers: VerifierAnswer[], agreed: SignedAttestation[] = []) {
  return judgeDeposit(deposit, { answers, agreed, threshold: 2, escrows })
}

describe('a deposit', () => {
  test('that enough verifiers attest is credited with a tenth, rounded down', () => {
    expect(judge(seen, [], [attestation(), attestation()])).toMatchObject({
      ...{ state: 'attested-capped', credited: 100n, amount: 1_005n, asset: 'ankr', life: 2 },
    })
  })

  test('whose block is final is credited in full', () => {
    const final = attestation({ isFinal: true, escrow: escrows.usd as `0x${string}` })
    expect(judge(capped, [], [final, final])).toMatchObject({
      state: 'final',
      credited: 1_005n,
      asset: 'usd',
    })
  })

  test('of somebody else is refused, however well it is attested', () => {
    const theirs = attestation({ account: `0x${'bb'.repeat(20)}`, isFinal: true })
    expect(judge(seen, [], [theirs, theirs])).toMatchObject({
      ...{ state: 'refused', refusal: 'WRONG_ACCOUNT', credited: 0n, amount: null },
    })
  })

  test('in a contract that is none of ours is refused', () => {
    const elsewhere = attestation({ escrow: `0x${'99'.repeat(20)}` })
    expect(judge(seen, [], [elsewhere, elsewhere])).toMatchObject({
      state: 'refused',
      credited: 0n,
    })
  })

  const turns: [string, Deposit, VerifierAnswer[], DepositState | undefined][] = [
    [
      'nobody has seen waits',
      seen,
      [refused('NO_SUCH_DEPOSIT'), refused('NO_SUCH_DEPOSIT'), silent],
      'seen',
    ],
    ['one verifier calls orphaned stays', capped, [refused('ORPHANED'), silent, silent], undefined],
    [
      'enough call orphaned is taken back',
      capped,
      [refused('ORPHANED'), refused('ORPHANED'), silent],
      'orphaned',
    ],
    [
      'was in a block and is in none is taken back',
      capped,
      [refused('NO_SUCH_DEPOSIT'), refused('NO_SUCH_DEPOSIT')],
      'orphaned',
    ],
    [
      'one verifier has lost stays',
      capped,
      [refused('NO_SUCH_DEPOSIT'), silent, silent],
      undefined,
    ],
    [
      'moved to a later block begins anew',
      capped,
      [refused('TOO_FEW_CONFIRMATIONS', 3), refused('TOO_FEW_CONFIRMATIONS', 4)],
      'confirming',
    ],
    [
      'one verifier calls too young stays',
      capped,
      [refused('TOO_FEW_CONFIRMATIONS', 0), silent, silent],
      undefined,
    ],
    [
      'failed is refused',
      seen,
      [refused('TRANSACTION_FAILED'), refused('TRANSACTION_FAILED')],
      'refused',
    ],
    ['is none is refused', seen, [refused('NOT_A_DEPOSIT'), refused('NOT_A_DEPOSIT')], 'refused'],
    [
      'was withdrawn is taken back',
      capped,
      [refused('ACCOUNT_CLOSED'), refused('ACCOUNT_CLOSED')],
      'refused',
    ],
    ['nobody can look up stays', capped, [silent, silent, silent], undefined],
    [
      'sources differ about stays',
      capped,
      [refused('SOURCES_DIFFER'), refused('SOURCES_DIFFER')],
      undefined,
    ],
    [
      'verifiers say different things of stays',
      capped,
      [refused('ORPHANED'), refused('NOT_A_DEPOSIT'), silent],
      undefined,
    ],
  ]
  test.each(turns)('that %s', (_what, deposit, answers, state) => {
    const finding = judge(deposit, answers)
    expect(finding?.state).toBe(state as DepositState)
    if (finding !== undefined) expect(finding.credited).toBe(0n)
  })

  test('counts the blocks that enough verifiers see', () => {
    const answers = [
      refused('TOO_FEW_CONFIRMATIONS', 11),
      refused('TOO_FEW_CONFIRMATIONS', 4),
      refused('TOO_FEW_CONFIRMATIONS', 3),
    ]
    expect(judge(seen, answers)).toMatchObject({
      state: 'confirming',
      confirmations: 4,
      confirmationsNeeded: 12,
    })
    const mixed: VerifierAnswer[] = [
      { kind: 'attested', attestation: attestation() },
      refused('TOO_FEW_CONFIRMATIONS', 11),
    ]
    expect(judge(seen, mixed)).toMatchObject({ state: 'confirming', confirmations: 11 })
    expect(judge(seen, [refused('TOO_FEW_CONFIRMATIONS', 3), silent, silent])).toBeUndefined()
  })

  test('is never credited or taken back by one verifier of three', () => {
    const one = fc.constantFrom<VerifierAnswer>(
      refused('ORPHANED'),
      refused('NO_SUCH_DEPOSIT'),
      refused('TOO_FEW_CONFIRMATIONS', 1),
      refused('NOT_A_DEPOSIT'),
      refused('ACCOUNT_CLOSED'),
      { kind: 'attested', attestation: attestation({ amount: '9'.repeat(30), isFinal: true }) },
    )
    fc.assert(
      fc.property(one, fc.constantFrom(seen, capped), (answer, deposit) => {
        const finding = judge(deposit, [answer, silent, silent])
        expect(finding?.credited ?? deposit.credited).toBe(deposit.credited)
      }),
    )
  })
})

describe('the next check', () => {
  const at = (state: DepositState, ageMs: number, have: number | null = null) =>
    nextCheckMs(
      { state, confirmations: have, confirmationsNeeded: have === null ? null : 12 },
      { toldAtMs: 0, nowMs: ageMs, intervalMs: 2_000 },
    )
  test('comes soon at first, later as time goes by, and never for what is settled', () => {
    expect(at('seen', 0)).toBe(2_000)
    expect(at('seen', 3_600_000)).toBe(3_600_000 + 180_000)
    expect(at('seen', 7 * 86_400_000)).toBeNull()
    expect(at('refused', 86_400_000)).toBeNull()
    expect(at('final', 0)).toBeNull()
  })

  test('of one that waits for blocks comes when about half of them should have come', () => {
    // Eight in 48 seconds: four more take another 24.
    expect(at('confirming', 48_000, 8)).toBe(48_000 + 12_000)
    expect(at('confirming', 60_000, 11)).toBe(60_000 + (60_000 / 11) * 0.5)
    expect(at('confirming', 120_000, 6)).toBe(120_000 + 30_000)
    expect(at('confirming', 1_000, 0)).toBe(1_000 + 6_000)
    expect(at('confirming', 100, 12)).toBe(100 + 2_000)
  })

  test('never stops while a fork could still undo what was credited', () => {
    const day = 86_400_000
    expect(at('attested-capped', 30 * day)).toBe(30 * day + 30_000)
    expect(at('confirming', 30 * day)).toBe(30 * day + 30_000)
  })
})

describe('a check', () => {
  const limited = (retryAfterSeconds?: number): VerifierAnswer => ({
    ...{ kind: 'refused', code: 'RATE_LIMITED' },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
  const quorum = { members: [1, 2, 3], threshold: 2 }
  const word = refused('NO_SUCH_DEPOSIT')

  test.each<[string, VerifierAnswer[], boolean]>([
    ['enough speak of it', [word, word, silent], true],
    ['one does', [word, limited(), silent], false],
    ['the others do not know the service', [word, refused('BAD_CREDENTIAL'), silent], false],
  ])('counts when %s: %p is %p', (_when, answers, isCounted) => {
    expect(isAnswered(answers, quorum.threshold)).toBe(isCounted)
  })

  test.each<[string, VerifierAnswer[], number | undefined]>([
    ['none', [word, word, word], undefined],
    ['one, which may lie', [limited(3_600), word, word], undefined],
    ['so many that too few are left', [limited(3), limited(2), word], 2_000],
    ['all, one of them without end', [limited(9_999), limited(9_999), limited(9_999)], 60_000],
    ['some that do not say for how long', [limited(), limited(), word], 1_000],
  ])('waits as verifiers want it, when that is %s', (_who, answers, pauseMs) => {
    expect(pauseWanted(answers, quorum)).toBe(pauseMs as never)
  })
})
