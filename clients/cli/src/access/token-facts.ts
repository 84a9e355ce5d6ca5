import { parseToken } from '@mooring/protocol/access/token'
import { assetsWith, formatAsset } from '../economy/amounts.ts'
import type { HeldToken, KeyFile } from './key-file.ts'

/** What is told of a token that was had: no secret. */
export function tokenFacts({ token }: KeyFile): (readonly [label: string, value: string])[] {
  const parsed = token === undefined ? undefined : parseToken(token.raw)
  if (token === undefined || parsed === undefined || !parsed.ok) return []
  const { stage, cap, exp, sub, dep, jti } = parsed.token.claims
  const until = new Date(exp * 1_000).toISOString().slice(0, 16).replace('T', ' ')
  return [
    ['account', sub],
    ['deposit', dep],
    [
      'stage',
      stage === 'full'
        ? 'full: the deposit is final'
        : `capped at ${capText(cap, token)} until the deposit is final`,
    ],
    ['good until', `${until} UTC`],
    ['id', jti],
  ]
}

function capText(cap: string | undefined, { paidIn }: HeldToken): string {
  if (paidIn === undefined || cap === undefined) return `${cap} base units`
  return formatAsset(BigInt(cap), assetsWith(paidIn.decimals)[paidIn.asset])
}
