import { describe, expect, test } from 'bun:test'
import type { Action } from '../actions.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { quorumProblems } from '../signers/signer-sets.ts'
import { after, later } from './scenario.fixtures.ts'

const economy = begunEconomy()
const { signers, outsider } = testCast
const [one = '', two = '', three = '', four = '', five = ''] = signers
const day = 86_400n
const { governor, slasher } = economy.roles

const announce = (members: string[], threshold = 2n): Action => ({
  name: 'announceSet',
  caller: governor,
  args: { role: 'Gateway', members, threshold },
})
const install: Action = { name: 'installSet', caller: outsider, args: { role: 'Gateway' } }
const exit = (caller: string): Action => ({ name: 'requestBondExit', caller, args: {} })
const withdraw: Action = { name: 'withdrawBond', caller: five, args: { to: five } }

describe('a quorum', () => {
  const broken = (given: string[]) =>
    Object.entries(quorumProblems(economy.signerSets, 'Verifier', given))
      .filter(([, isBroken]) => isBroken)
      .map(([name]) => name)

  test('is enough different members in order', () => {
    expect(broken([one, two, three])).toEqual([])
    expect(broken([one, two, three, four])).toEqual([])
    expect(broken([one, two])).toEqual(['SignerSetsTooFewSignatures'])
    expect(broken([one, two, two])).toEqual(['SignerSetsNotAscending'])
    expect(broken([two, one, three])).toEqual(['SignerSetsNotAscending'])
    expect(broken([one, two, five])).toEqual(['SignerSetsNotMember'])
  })
})

describe('a set', () => {
  test('is installed after its delay, by anyone, when every bond is there', () => {
    const announced = after(economy, [announce([one, five])])
    expect(() => after(later(announced, 2n * day - 2n), [install])).toThrow('SignerSetsTooEarly')
    const installed = after(later(announced, 2n * day - 1n), [install])
    expect(installed.signerSets.installed.Gateway).toEqual({
      members: [one, five],
      threshold: 2n,
      version: 2n,
    })
    const slash: Action = { name: 'slashBond', caller: slasher, args: { signer: five, amount: 1n } }
    const poorer = later(after(announced, [slash]), 2n * day)
    expect(() => after(poorer, [install])).toThrow('SignerSetsBondTooSmall')
  })

  test('is in order, with a threshold that can be met and that two groups cannot meet apart', () => {
    expect(() => after(economy, [announce([five, one])])).toThrow('SignerSetsNotAscending')
    expect(() => after(economy, [announce([one, one])])).toThrow('SignerSetsNotAscending')
    expect(() => after(economy, [announce([one], 2n)])).toThrow('SignerSetsBadThreshold')
    expect(() => after(economy, [announce([one], 0n)])).toThrow('SignerSetsBadThreshold')
    const even = announce([one, two, three, four], 2n)
    expect(() => after(economy, [even])).toThrow('SignerSetsBadThreshold')
    after(economy, [announce([one, two, three, four], 3n)])
  })
})

describe('a bond', () => {
  test('leaves after its delay, and not while its signer is in a set or about to be', () => {
    expect(() => after(economy, [exit(one)])).toThrow('SignerSetsStillMember')
    const leaving = after(economy, [exit(five)])
    expect(() => after(later(leaving, 28n * day - 2n), [withdraw])).toThrow(
      'SignerSetsExitTooEarly',
    )
    const left = after(later(leaving, 28n * day - 1n), [withdraw])
    expect(left.signerSets.bonds.get(five)?.bond).toBe(0n)
    const again = after(leaving, [announce([one, five])])
    expect(() => after(later(again, 28n * day), [withdraw])).toThrow('SignerSetsStillMember')
  })

  test('that is leaving stays when its signer is wanted again', () => {
    const announced = after(economy, [exit(five), announce([one, five])])
    const installed = after(later(announced, 2n * day), [install])
    expect(installed.signerSets.bonds.get(five)?.withdrawableAt).toBe(0n)
    // The date of before is void: once it is in no set, it has to ask again.
    const others = announce([one, two])
    const dismissed = after(later(after(installed, [others]), 2n * day), [install])
    expect(() => after(later(dismissed, 28n * day), [withdraw])).toThrow('SignerSetsNotExiting')
  })
})
