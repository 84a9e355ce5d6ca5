import { describe, expect, test } from 'bun:test'
import { Outages } from './outages.ts'

const second = (at: number) => at * 1_000

function noteMany(
  outages: Outages,
  voice: string,
  { answered = 0, failed = 0 }: { answered?: number; failed?: number },
) {
  const tally = outages.tallyOf('eth', voice)
  for (let at = 0; at < answered; at++) tally.note(true)
  for (let at = 0; at < failed; at++) tally.note(false)
  return tally
}

describe('what fails for others', () => {
  test('is the mean over accounts and the nodes, whatever each sends', () => {
    const outages = new Outages()
    const own = noteMany(outages, 'own', { failed: 1 })
    // One that fails a thousand times is one voice among five.
    noteMany(outages, 'loud', { failed: 1_000 })
    for (const voice of ['a', 'b', 'c']) noteMany(outages, voice, { answered: 1 })
    outages.sweep(second(1))
    for (const voice of ['loud', 'a', 'b', 'c']) {
      noteMany(outages, voice, voice === 'loud' ? { failed: 1_000 } : { answered: 1 })
    }
    own.note(false)
    outages.sweep(second(2))
    expect(own.chain.shareOfOthers(own, 0)).toBeCloseTo(1 / 5)
    expect(own.chain.shareOfOthers(own, 1)).toBeCloseTo(2 / 5)
  })

  test('is told by the nodes alone where nobody else uses the chain', () => {
    const outages = new Outages()
    const own = noteMany(outages, 'own', { failed: 100 })
    outages.sweep(second(1))
    expect(own.chain.shareOfOthers(own, 0)).toBe(0)
    expect(own.chain.shareOfOthers(own, 0.5)).toBe(0.5)
    expect(outages.tallyOf('bsc', 'own').chain).not.toBe(own.chain)
  })

  test('is forgotten, and an account stays one voice when it comes back', () => {
    const outages = new Outages()
    outages.sweep(second(0))
    const own = outages.tallyOf('eth', 'own')
    const other = noteMany(outages, 'other', { failed: 8 })
    outages.sweep(second(1))
    expect(own.chain.shareOfOthers(own, 0)).toBeCloseTo(1 / 2)
    outages.sweep(second(600))
    expect(own.chain.shareOfOthers(own, 0)).toBe(0)
    expect(other.isListed).toBeFalse()
    other.note(false)
    outages.forgetIdle()
    expect(outages.tallyOf('eth', 'other')).toBe(other)
    // Nobody has noted anything of it: it is made anew.
    expect(outages.tallyOf('eth', 'own')).not.toBe(own)
  })
})
