import { epochNow } from '../../economy.ts'
import { least, most } from '../../money/mul-div.ts'
import type { ParamChange } from '../../parameters/param-store.ts'
import { type Param, paramNames } from '../../parameters/sheet.ts'
import { callerOr, type Move, type Scene } from '../scene.ts'

/** Parts of the fee change in pairs, and the caps of the initial period together. */
const isAlone = (name: Param) => !name.startsWith('Fee') && !name.startsWith('DelegationCap')

export const announceParams: Move = (scene) => {
  const { dice, economy } = scene
  const changes = (dice.oneOf([someChanges, someChanges, feeChanges, capChanges]) ?? someChanges)(
    scene,
  )
  const effectiveEpoch = epochNow(economy) + BigInt(dice.percent(95) ? 1 + dice.below(3) : 0)
  const caller = callerOr(scene, economy.roles.governor)
  return { name: 'announceParams', caller, args: { changes, effectiveEpoch } }
}

export const cancelParams: Move = (scene) => {
  const { dice, economy } = scene
  if (economy.params.waiting === undefined && dice.percent(80)) return undefined
  return { name: 'cancelParams', caller: callerOr(scene, economy.roles.governor), args: {} }
}

function someChanges(scene: Scene): ParamChange[] {
  const { dice } = scene
  const names = paramNames.filter(isAlone)
  const count = dice.percent(5) ? 0 : 1 + dice.below(2)
  return Array.from({ length: count }, () => {
    const param = dice.oneOf(names) ?? 'TopUpSeconds'
    return { param, value: someValue(scene, param) }
  })
}

/** Not far from where it began, so that the economy stays one in which something happens. */
function someValue({ dice, economy }: Scene, param: Param): bigint {
  const { value, min, max } = economy.params.sheet[param]
  if (dice.percent(5)) return max + 1n
  return dice.between(most(min, value / 2n), least(max, value * 2n))
}

function feeChanges({ dice, values }: Scene): ParamChange[] {
  const moved = dice.between(0n, values.FeeTreasuryPpm / 2n)
  return [
    { param: 'FeeTreasuryPpm', value: values.FeeTreasuryPpm - moved },
    { param: 'FeeBurnPpm', value: values.FeeBurnPpm + moved },
  ]
}

function capChanges({ dice, economy, values }: Scene): ParamChange[] {
  const sum = dice.between(values.DelegationMin, values.DelegationMin * 5_000n)
  return [
    { param: 'DelegationCapTotal', value: sum },
    { param: 'DelegationCapEndEpoch', value: epochNow(economy) + BigInt(dice.below(6)) },
  ]
}
