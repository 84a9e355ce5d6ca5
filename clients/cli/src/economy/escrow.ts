import { readPart } from '@mooring/onchain/contracts'
import type { Address } from 'viem'
import { type Asset, parseAsset } from './amounts.ts'
import { type Given, optionOf } from './signing-command.ts'
import type { System } from './system.ts'

/** The option of commands that work on either escrow. */
export const assetOption = { '--asset <asset>': 'ankr or usd; else ankr' }

export function assetOf(given: Given): Asset {
  return parseAsset(optionOf(given, 'asset') ?? 'ankr')
}

/** An account of an escrow, all zeros when there never was one. */
export function readAccount(system: System, { escrow }: Asset, account: Address) {
  return readPart(system, escrow, 'accountOf', [account])
}
