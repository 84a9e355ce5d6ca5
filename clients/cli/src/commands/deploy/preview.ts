import { newestTable } from '@mooring/market/pricing/bundled-tables'
import type { Reader } from '@mooring/onchain/clients'
import { everyAbi } from '@mooring/onchain/contracts'
import type { Creation } from '@mooring/onchain/deploy/plan'
import { type DeploySettings, signerRoleNames } from '@mooring/onchain/deploy/settings'
import { failureOf, isUnreachable } from '@mooring/onchain/failures'
import { type Address, erc20Abi, formatEther, formatUnits } from 'viem'
import { formatAnkr, formatSpan } from '../../economy/amounts.ts'
import type { Fact } from '../../economy/intent.ts'
import { paramNameOf } from '../../economy/param-names.ts'
import { refusalText } from '../../economy/refusals.ts'
import { CommandError } from '../../exit-codes.ts'

/** Tokens that are said to exist have to, and to be divided as is said. */
export async function assertTokens(
  reader: Reader,
  { ankr, stable }: DeploySettings,
): Promise<void> {
  const said = [
    ...('address' in ankr ? [{ name: 'ankr', address: ankr.address, decimals: 18 }] : []),
    ...('address' in stable ? [{ name: 'stable', ...stable }] : []),
  ]
  for (const { name, address, decimals } of said) {
    const found = await decimalsOf(reader, address)
    if (found === undefined) {
      throw new CommandError('badInput', `There is no token at ${address}, named as ${name}.`)
    }
    if (found !== decimals) {
      const problem = `The token at ${address}, named as ${name}, has ${found} decimals, not ${decimals}.`
      throw new CommandError('badInput', problem)
    }
  }
}

async function decimalsOf(reader: Reader, address: Address): Promise<number | undefined> {
  try {
    return await reader.readContract({ address, abi: erc20Abi, functionName: 'decimals' })
  } catch (error) {
    if (isUnreachable(error)) throw error
    return undefined
  }
}

/** Everything that is decided with a deployment and cannot be taken back afterwards. */
export function settingsFacts(settings: DeploySettings): Fact[] {
  const { ankr, stable, timelock, recipients, signers, slasher, prices = newestTable } = settings
  const { delaySeconds, proposers, executors } = timelock
  return [
    [
      'ANKR',
      'address' in ankr
        ? `${ankr.address}, ${ankr.burnable ? 'burned' : 'not burned'}`
        : `a new one: ${formatAnkr(ankr.supply)} for ${ankr.holder}`,
    ],
    [
      'stablecoin',
      'address' in stable
        ? `${stable.address}, ${stable.decimals} decimals`
        : `a new one for tests, held by ${stable.holder}`,
    ],
    ['acts after', `${formatSpan(delaySeconds)}, proposed by ${proposers.join(', ')}`],
    ['executed by', executors.length === 0 ? 'anyone' : executors.join(', ')],
    ['guardian', settings.guardian],
    ['admissions', settings.admissions],
    ['slasher', slasher ?? 'nobody yet'],
    ['treasury', recipients.treasury ?? 'the timelock'],
    ['grants', recipients.grants],
    ['auditors', recipients.auditors],
    ['protection', recipients.protection],
    ...signerRoleNames.map((role): Fact => {
      const { members, threshold } = signers[role]
      return [`${role}s`, `${threshold} of ${members.length}: ${members.join(', ')}`]
    }),
    ['first prices', `${prices.hash}, ${prices.uri}`],
    ['first rate', `${formatUnits(settings.initialUsdPerAnkr, 18)} USD per ANKR`],
    ...settings.params.map(({ param, value }): Fact => [paramNameOf(param), String(value)]),
  ]
}

/** What creating every part costs. Ends with what a part refuses, such as a parameter outside its bounds. */
export async function costOf(
  reader: Reader,
  account: Address,
  creations: readonly Creation[],
): Promise<string> {
  let gas = 0n
  for (const { name, data } of creations) {
    try {
      gas += await reader.estimateGas({ account, data })
    } catch (error) {
      if (isUnreachable(error)) throw error
      const failure = failureOf(error, everyAbi)
      throw new CommandError('refused', `This would fail: ${name}: ${refusalText(failure)}.`, {
        cause: error,
      })
    }
  }
  const { maxFeePerGas } = await reader.estimateFeesPerGas()
  return `about ${formatEther(gas * maxFeePerGas)} of the native token (${gas} gas), and the hand-over`
}
