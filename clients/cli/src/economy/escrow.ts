import { readPart } from '@mooring/onchain/contracts'
import type { Address } from 'viem'
import { type Asset, type AssetName, parseAssetName } from './amounts.ts'
import { type Given, optionOf } from './given.ts'
import type { System } from './system.ts'

/** The option of commands that work on either escrow. */
export const assetOption = { '--asset <asset>': 'ankr or usd; else ankr' }

export function assetNameOf(given: Given): AssetName {
  return parseAssetName(optionOf(given, 'asset') ?? 'ankr')
}

export function assetOf({ assets }: System, given: Given): Asset {
  return assets[assetNameOf(given)]
}

/** An account of an escrow, all zeros when there never was one. */
export function readAccount(system: System, { escrow }: Asset, account: Address) {
  return readPart(system, escrow, 'accountOf', [account])
}
