import type { Context } from '../context.ts'
import { type Asset, ankrAsset, assetsWith, formatAsset } from '../economy/amounts.ts'
import { connect, type SystemOptions } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord } from '../http.ts'

/** An amount of an answer of the accounts service, for people; a dash for what is none. */
export type FormatCredit = (asset: unknown, amount: unknown) => string

/**
 * How finely the stablecoin is divided only the chain knows, so it is asked where an answer holds such an amount. Where
 * it cannot be asked the amount is told in base units, and why.
 */
export async function creditFormat(
  context: Context,
  options: SystemOptions,
  answer: Record<string, unknown>,
): Promise<FormatCredit> {
  const stable = holdsStable(answer) ? await readStable(context, options) : undefined
  return (asset, amount) => {
    if (typeof amount !== 'string' || !/^\d+$/.test(amount)) return '–'
    if (asset === 'ankr') return formatAsset(BigInt(amount), ankrAsset)
    if (stable !== undefined) return formatAsset(BigInt(amount), stable)
    // Nothing is the same in all units.
    return BigInt(amount) === 0n
      ? formatAsset(0n, assetsWith(0).usd)
      : `${amount} base units of the stablecoin`
  }
}

/** Of an account its credit, of all else any list that names it. */
function holdsStable({ credit, ...rest }: Record<string, unknown>): boolean {
  const isSome = (amount: unknown) => typeof amount === 'string' && /[1-9]/.test(amount)
  if (isRecord(credit) && isSome(credit.usd)) return true
  const lists = Object.values(rest).filter((value) => Array.isArray(value))
  return lists.flat().some((one) => isRecord(one) && one.asset === 'usd')
}

async function readStable(context: Context, options: SystemOptions): Promise<Asset | undefined> {
  try {
    return (await connect(context, options)).assets.usd
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    context.stderr.write(
      `How finely the stablecoin is divided is not known, so its amounts are in base units: ${error.message}\n`,
    )
    return undefined
  }
}
