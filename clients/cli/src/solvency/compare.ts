import type { AssetName } from '../economy/amounts.ts'
import type { BooksSide } from './ask-books.ts'
import type { Custody, Part } from './custody.ts'

/** A contract and an asset, with what is wrong about it; nothing where all holds. */
export type Finding = {
  holder: Custody['holder']
  asset: AssetName
  balance: bigint
  held: bigint
  /** What came unasked; below nothing where tokens are missing. */
  surplus: bigint
  parts: readonly Part[]
  /** What is held, less what it is held for. */
  difference: bigint
}

const wholeOf = {
  ankrEscrow: 'accounts',
  stableEscrow: 'accounts',
  signerSets: 'signers (bonds)',
} as const satisfies Partial<Record<Custody['holder'], string>>

/** @param books - Undefined where nobody was asked: then nothing says what an escrow has to hold. */
export function compareCustody(all: readonly Custody[], books: BooksSide | undefined): Finding[] {
  return all.map((custody) => {
    const { holder, asset, balance, held } = custody
    const parts = custody.parts ?? wholeParts(custody, books)
    const sum = parts.reduce((total, { amount }) => total + amount, 0n)
    const surplus = balance - held
    return { holder, asset, balance, held, surplus, parts, difference: held - sum }
  })
}

export function isSolvent({ surplus, parts, difference }: Finding): boolean {
  return surplus >= 0n && difference === 0n && parts.every(({ amount }) => amount >= 0n)
}

function wholeParts({ holder, asset, held }: Custody, books: BooksSide | undefined): Part[] {
  const isEscrow = holder === 'ankrEscrow' || holder === 'stableEscrow'
  if (books === undefined || !isEscrow) {
    // Every other holder says itself what it is for.
    return [{ for: wholeOf[holder as keyof typeof wholeOf], amount: held }]
  }
  const uncredited = books.uncredited[asset]
  return [
    { for: 'accounts, by the books', amount: books.expected[asset] - uncredited },
    { for: 'accounts, not credited yet', amount: uncredited },
  ]
}
