import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { chargeRootData, signAll } from '@mooring/onchain/signed'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import { firstDepositMin, keyOf, oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { membersOf, officer, player } from '@mooring/testkit/economy/people'
import { postRate } from '@mooring/testkit/economy/post-rate'
import { openNode, openProvider } from '@mooring/testkit/economy/providers'
import { localUsdPerAnkr } from '@mooring/testkit/economy/start'
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  padHex,
  toHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Keeper } from './keeper.ts'
import type { ChoreReport } from './rounds.ts'
import { leafOf, openStage, type Stage, until } from './test/stage.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(180_000)

let stack: AsyncDisposableStack
let stage: Stage
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  stage = stack.use(await openStage())
})
afterEach(() => stack.disposeAsync())

const period = 43_200n

const rootCount = () => readPart(stage.system, 'ankrEscrow', 'chargeRootCount', [])
const accountOf = (account: Address) => readPart(stage.system, 'ankrEscrow', 'accountOf', [account])

async function reportOf({ url }: Keeper, chore: string): Promise<ChoreReport> {
  const { chores } = (await (await fetch(`${url}/v1/chores`)).json()) as { chores: ChoreReport[] }
  const found = chores.find((each) => each.chore === chore)
  if (found === undefined) throw new Error(`there is no chore ${chore}`)
  return found
}

async function untilHeldUp(keeper: Keeper, chore: string, why: string): Promise<void> {
  await until(`"${why}"`, async () => {
    const { heldUp } = await reportOf(keeper, chore)
    return heldUp.some((each) => each.includes(why))
  })
}

/** Something that players have used, in a period that is over. */
async function prepare(numbers: readonly number[] = [1]) {
  await stage.chain.depositTogether(numbers)
  await stage.passTime(period)
  return stage.publishCharges(numbers.map((number) => leafOf(player(number).address, 10n)))
}

const untilPosted = (rootId: bigint) =>
  until('the root', async () => (await rootCount()) === rootId)

async function becomeApplicable(rootId = 1n): Promise<void> {
  await untilPosted(rootId)
  const { applicableAt } = await readPart(stage.system, 'ankrEscrow', 'chargeRootOf', [rootId])
  const { timestamp } = await stage.system.reader.getBlock()
  if (applicableAt > timestamp) await stage.passTime(applicableAt - timestamp)
}

describe('signatures', () => {
  test('one verifier lies, and those of the others suffice', async () => {
    const [liar] = stage.verifiers
    // It signs, but something else than it was asked.
    liar!.behave = async (answer) =>
      answer.state === 'signed'
        ? { ...answer, signature: await membersOf('verifier')[0]!.signMessage({ message: 'x' }) }
        : answer
    await prepare()
    await using _keeper = await stage.startKeeper(8)
    await untilPosted(1n)
    expect(stage.logger.errors).toMatchObject([
      ['verifier gives a signature that does not count', { number: 1 }],
    ])
  })

  test.each([
    [
      'in a form that contracts do not take',
      (signature: Hex): Hex =>
        `${signature.slice(0, -2) as Hex}${signature.endsWith('1b') ? '00' : '01'}`,
    ],
    ['turned into its other form', otherForm],
  ])('a signature %s counts for nothing', async (_what, spoil) => {
    const [one, other] = stage.verifiers
    for (const verifier of [one!, other!]) {
      verifier.behave = (answer) =>
        answer.state === 'signed' ? { ...answer, signature: spoil(answer.signature) } : answer
    }
    await prepare()
    await using keeper = await stage.startKeeper(8)
    await untilHeldUp(keeper, 'charge root ankr', '1 of 2 signatures')
    expect(await rootCount()).toBe(0n)
    one!.behave = (answer) => answer
    await untilPosted(1n)
  })

  test('somebody who is no verifier signs, and it counts for nothing', async () => {
    const stranger = privateKeyToAccount(padHex('0x5', { size: 32 }))
    const [one, other, third] = stage.verifiers
    one!.behave = () => new Response('{}', { status: 500 })
    other!.behave = () => ({
      state: 'refused',
      reasons: ['data.leaves[0].total: expected 1, found 2'],
    })
    third!.behave = (answer) => ({ ...answer, signer: stranger.address })
    await prepare()
    await using keeper = await stage.startKeeper(8)
    await untilHeldUp(keeper, 'charge root ankr', '0 of 2 signatures')
    expect(
      stage.logger.warnings.filter((line) => line.includes('expected 1, found 2')),
    ).toHaveLength(1)
    expect(stage.logger.warnings.some((line) => line.includes('status 500'))).toBe(true)
    for (const verifier of [one!, third!]) verifier.behave = (answer) => answer
    await untilPosted(1n)
  })

  test('verifiers who take their time are asked again', async () => {
    for (const verifier of stage.verifiers) {
      verifier.behave = (answer) =>
        verifier.asked < 3 ? { state: 'checking', retryAfterMs: 100 } : answer
    }
    await prepare()
    await using _keeper = await stage.startKeeper(8)
    await untilPosted(1n)
    expect(stage.logger.errors).toEqual([])
  })
})

/** The same curve point, which signs the same: whoever has one has the other. */
function otherForm(signature: Hex): Hex {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = order - BigInt(`0x${signature.slice(66, 130)}`)
  const last = signature.endsWith('1b') ? '1c' : '1b'
  return `${signature.slice(0, 66) as Hex}${toHex(s, { size: 32 }).slice(2)}${last}`
}

describe('files', () => {
  test('one whose root is not that of the chain is refused, and the right one is applied', async () => {
    const { text, roots } = await prepare()
    await using keeper = await stage.startKeeper(8)
    await untilPosted(1n)
    const path = settlementPaths.chargeFile(roots.dataHash)
    stage.files.files.set(path, text.replace(String(10n * oneAnkr), String(11n * oneAnkr)))
    await becomeApplicable()
    await untilHeldUp(keeper, 'charges ankr', 'another one than was signed')
    stage.files.files.set(path, 'no file at all')
    await untilHeldUp(keeper, 'charges ankr', 'cannot be read')
    stage.files.files.delete(path)
    await untilHeldUp(keeper, 'charges ankr', 'not to be had')
    expect((await accountOf(player(1).address)).spent).toBe(0n)
    stage.files.files.set(path, text)
    await until('the charges', async () => {
      return (await accountOf(player(1).address)).spent === 10n * oneAnkr
    })
  })

  test('one that does not follow the newest root is not brought to verifiers', async () => {
    const { file } = await prepare()
    await using keeper = await stage.startKeeper(8)
    await becomeApplicable()
    await stage.passTime(period)
    const { text } = await stage.publishCharges(file.leaves)
    const path = settlementPaths.chargeFileOf('ankr', 2n)
    const asked = stage.verifiers[0]?.asked
    stage.files.files.set(path, text.replace(/"previous":"0x[0-9a-f]{64}"/, '"previous":null'))
    await untilHeldUp(keeper, 'charge root ankr', 'does not follow')
    expect(stage.verifiers[0]?.asked).toBe(asked!)
  })

  test('of a period that is too old one is waited for that is newer', async () => {
    await prepare()
    await stage.passTime(period * 2n)
    await using keeper = await stage.startKeeper(8)
    await until('the wait', async () => {
      const { waits } = await reportOf(keeper, 'charge root ankr')
      return waits.includes('a charge file of root 1 of a newer period')
    })
    await stage.publishCharges([leafOf(player(1).address, 10n)])
    await untilPosted(1n)
  })
})

describe('charges', () => {
  test('of hundreds of accounts come in several transactions', async () => {
    const accounts = await openAccounts(405)
    await stage.passTime(period)
    const nobody = Array.from({ length: 900 }, (_, at) => numbered(0xdead_0000 + at))
    const leaves = [...accounts, ...nobody].map((account) => leafOf(account, 7n))
    await stage.publishCharges(leaves)
    await using keeper = await stage.startKeeper(8)
    await becomeApplicable()
    await until('the charges', async () => {
      return (
        (await readPart(stage.system, 'feeRouter', 'providersTotal', [])) > 0n &&
        (await reportOf(keeper, 'charges ankr')).done.length === 3
      )
    })
    const { done } = await reportOf(keeper, 'charges ankr')
    expect(done.map(({ what }) => what.split(' ')[1])).toEqual(['5', '200', '200'])
    for (const account of accounts) expect((await accountOf(account)).spent).toBe(7n * oneAnkr)
    expect(stage.logger.errors).toEqual([])
  })

  test('of several roots take one cap of each, and what the newest takes alone is left to it', async () => {
    await stage.chain.depositTogether([1, 2])
    const [large, small] = [player(1).address, player(2).address] as const
    await stage.passTime(period)
    await post(await stage.publishCharges([leafOf(large, 500n), leafOf(small, 10n)]))
    await stage.passTime(period)
    // Together more than one cap of the larger one, which may be 500 at a time.
    await post(await stage.publishCharges([leafOf(large, 900n), leafOf(small, 15n)]))
    await becomeApplicable(2n)
    await using keeper = await stage.startKeeper(8)
    await until('the charges', async () => (await accountOf(large)).spent === 900n * oneAnkr)
    expect(await accountOf(small)).toMatchObject({ spent: 15n * oneAnkr, lastRootId: 2n })
    const done = await until('both', async () => {
      const report = await reportOf(keeper, 'charges ankr')
      return report.done.length === 2 && report.done
    })
    expect(done.map(({ what }) => what)).toEqual([
      'apply 2 charges of root 2 of ankr',
      'apply 1 charges of root 1 of ankr',
    ])
  })

  test('in the stablecoin go the same way', async () => {
    const { system, chain } = stage
    const { stableEscrow } = system.deployment.parts
    const [owner, dollars] = [player(1).address, 10n ** 6n]
    for (const call of [
      callPart(system, 'stable', 'approve', [stableEscrow, 100n * dollars]),
      callPart(system, 'stableEscrow', 'deposit', [100n * dollars, keyOf(1)]),
    ]) {
      expect((await chain.send(owner, call)).status).toBe('success')
    }
    await stage.passTime(period)
    const leaf = { ...leafOf(owner, 0n), total: 5n * dollars }
    await stage.publishCharges([leaf], { asset: 'usd' })
    await using _keeper = await stage.startKeeper(8)
    const root = await until('the root', async () => {
      const count = await readPart(system, 'stableEscrow', 'chargeRootCount', [])
      return count === 1n && (await readPart(system, 'stableEscrow', 'chargeRootOf', [1n]))
    })
    const { timestamp } = await system.reader.getBlock()
    await stage.passTime(root.applicableAt - timestamp)
    await until('the charges', async () => {
      const { spent } = await readPart(system, 'stableEscrow', 'accountOf', [owner])
      return spent === 5n * dollars
    })
    expect(await readPart(system, 'feeRouter', 'stablePending', [])).toBe(5n * dollars)
    expect(stage.logger.errors).toEqual([])
  })

  test('of a disabled root are not applied, and the next one follows the one before it', async () => {
    const { file } = await prepare()
    await post(await stage.publishCharges(file.leaves))
    const disable = callPart(stage.system, 'ankrEscrow', 'disableChargeRoot', [1n])
    const guardian = officer('guardian').address
    await stage.chain.anvil.ask('anvil_impersonateAccount', [guardian])
    await stage.chain.send(guardian, disable)
    await stage.passTime(period)
    const { file: next } = await stage.publishCharges([leafOf(player(1).address, 12n)])
    expect(next).toMatchObject({ rootId: 2n, previous: null })
    await using _keeper = await stage.startKeeper(8)
    await becomeApplicable(2n)
    await until('the charges', async () => {
      return (await accountOf(player(1).address)).spent === 12n * oneAnkr
    })
  })
})

/** Posts a root as anybody can who has the signatures. */
async function post({ file, roots }: Awaited<ReturnType<Stage['publishCharges']>>): Promise<void> {
  const { system, chain } = stage
  const { rootId, periodEnd } = file
  const data = chargeRootData(system.deployment, 'ankrEscrow', { rootId, periodEnd, ...roots })
  const signatures = await signAll(membersOf('verifier').slice(0, 2), data)
  const args = [roots.root, roots.dataHash, periodEnd, signatures] as const
  const call = callPart(system, 'ankrEscrow', 'postChargeRoot', args)
  const { status } = await chain.send(player(6).address, call)
  expect(status).toBe('success')
}

describe('what stands in the way', () => {
  test('gas that is too dear is waited out, and nothing is sent meanwhile', async () => {
    await prepare()
    const { baseFeePerGas } = await stage.system.reader.getBlock()
    const set = async (fee: bigint) => {
      await stage.chain.anvil.ask('anvil_setNextBlockBaseFeePerGas', [toHex(fee)])
      await stage.chain.anvil.mine(1)
    }
    await set(500n * 10n ** 9n)
    await using keeper = await stage.startKeeper(8)
    await untilHeldUp(keeper, 'charge root ankr', 'gas is too dear')
    expect(await rootCount()).toBe(0n)
    const metrics = await (await fetch(`${keeper.url}/metrics`)).text()
    expect(metrics).toMatch(/keeper_held_up_rounds_total{chore="charge root ankr"} [1-9]/)
    expect(metrics).toMatch(
      /keeper_transactions_total{chore="charge root ankr",result="too dear"} [1-9]/,
    )
    expect(metrics).not.toContain('result="done"')
    expect(await stage.system.reader.getTransactionCount({ address: player(8).address })).toBe(0)
    await set(baseFeePerGas ?? 1n)
    await untilPosted(1n)
    expect(stage.logger.errors).toEqual([])
  })

  test('a node that is silent is waited for, and so is the billing service', async () => {
    await prepare()
    // A node that cannot be asked may be the right one.
    await using keeper = await stage.startKeeper(8, {
      rpcUrl: 'http://127.0.0.1:1',
      billingUrl: 'http://127.0.0.1:1',
    })
    await untilHeldUp(keeper, 'charge root ankr', 'the node of the chain does not answer')
    expect((await fetch(`${keeper.url}/ready`)).status).toBe(503)
    await using other = await stage.startKeeper(7, { billingUrl: 'http://127.0.0.1:1' })
    await untilHeldUp(other, 'charge root ankr', 'the billing service is not reached')
    expect((await fetch(`${other.url}/ready`)).status).toBe(200)
    expect(stage.logger.errors).toEqual([])
  })

  test('an account without gas money is told of', async () => {
    await prepare()
    await stage.chain.anvil.ask('anvil_setBalance', [player(8).address, '0x0'])
    await using keeper = await stage.startKeeper(8, { patienceMs: 100 })
    await untilHeldUp(keeper, 'charge root ankr', 'too little for gas')
    await until('the event', async () => stage.logger.errors.length > 0)
    await stage.chain.anvil.ask('anvil_setBalance', [player(8).address, toHex(10n ** 18n)])
    await untilPosted(1n)
  })
})

describe('what anybody may do', () => {
  test('the stablecoin is sold while the rate is fresh, and an auction that is over is ended', async () => {
    const { system, chain } = stage
    const { feeRouter } = system.deployment.parts
    const economy = { ...system, rpc: chain.anvil.url }
    await using _keeper = await stage.startKeeper(8)
    // As charges in the stablecoin arrive.
    await postRate(economy, localUsdPerAnkr)
    const arrive = callPart(system, 'stable', 'transfer', [feeRouter, 100_000n * 10n ** 6n])
    await chain.send(player(1).address, arrive)
    const first = await until('an auction', async () => {
      const auction = await readPart(system, 'feeRouter', 'auction', [])
      return auction.lot > 0n && auction
    })
    await stage.passTime(first.endsAt - first.startedAt)
    await postRate(economy, localUsdPerAnkr)
    await until('the next auction', async () => {
      const { startedAt } = await readPart(system, 'feeRouter', 'auction', [])
      return startedAt > first.startedAt
    })
    expect(stage.logger.errors).toEqual([])
  })

  test('ANKR that somebody sent is split, and booked for providers', async () => {
    const { system, chain } = stage
    const { feeRouter, distributor } = system.deployment.parts
    await using _keeper = await stage.startKeeper(8)
    for (const to of [feeRouter, distributor]) {
      await chain.send(player(1).address, callPart(system, 'ankr', 'transfer', [to, oneAnkr]))
    }
    await until('both', async () => {
      const [routed, funded] = await Promise.all([
        readPart(system, 'feeRouter', 'providersTotal', []),
        readPart(system, 'distributor', 'fundedTotal', []),
      ])
      return routed > 0n && funded === routed + oneAnkr
    })
  })

  test('a set of signers that was announced is installed when its time has come', async () => {
    const { system, chain } = stage
    const { timelock } = system.deployment.parts
    const members = membersOf('verifier').map(({ address }) => address)
    await chain.anvil.ask('anvil_impersonateAccount', [timelock])
    await chain.anvil.ask('anvil_setBalance', [timelock, toHex(10n ** 18n)])
    const announce = callPart(system, 'signerSets', 'announceSet', [1, members, 3])
    expect((await chain.send(timelock, announce)).status).toBe('success')
    await using keeper = await stage.startKeeper(8)
    await until('the wait', async () => {
      const { waits } = await reportOf(keeper, 'upkeep')
      return waits.some((each) => each.includes('signer set 1 can be installed'))
    })
    const [, , installableAt] = await readPart(system, 'signerSets', 'announcedOf', [1])
    const { timestamp } = await system.reader.getBlock()
    await stage.passTime(installableAt - timestamp)
    await until('the set', async () => {
      return (await readPart(system, 'signerSets', 'membersOf', [1]))[1] === 3
    })
  })

  test('a node that lost its stake is retired when it had its time', async () => {
    const { system, chain } = stage
    const economy = { ...system, rpc: chain.anvil.url }
    const owner = player(4)
    const providerId = await openProvider(economy, owner, { nodes: 1 })
    const key = privateKeyToAccount(padHex('0x77', { size: 32 }))
    const plan = { providerId, owner, key, url: 'https://node.example/', chains: ['eth'] }
    const nodeId = await openNode(economy, plan)
    const active = callPart(system, 'registry', 'activateNode', [nodeId])
    expect((await chain.send(owner.address, active)).status).toBe('success')
    const unstake = callPart(system, 'pool', 'unstake', [providerId, 1, oneAnkr, 0n])
    expect((await chain.send(owner.address, unstake)).status).toBe('success')
    await using _keeper = await stage.startKeeper(8)
    const { retireAt } = await readPart(system, 'registry', 'nodeOf', [nodeId])
    const { timestamp } = await system.reader.getBlock()
    await stage.passTime(retireAt - timestamp)
    await until('its end', async () => {
      return (await readPart(system, 'registry', 'nodeOf', [nodeId])).status === 6
    })
    expect(stage.logger.errors).toEqual([])
  })
})

function numbered(number: number): Address {
  return padHex(toHex(number), { size: 20 })
}

/** Accounts beside the players, each with a deposit. */
async function openAccounts(count: number): Promise<Address[]> {
  const { anvil, ankrEscrow, system } = stage.chain
  const { ankr } = system.deployment.parts
  const accounts = Array.from({ length: count }, (_, at) => numbered(0xacc_0000 + at))
  await anvil.ask('anvil_autoImpersonateAccount', [true])
  await anvil.ask('evm_setAutomine', [false])
  const holder = officer('holder').address
  const key = encodeAbiParameters([{ type: 'bytes32' }], [keyOf(9)])
  for (let at = 0; at < count; at += 50) {
    const some = accounts.slice(at, at + 50)
    for (const account of some) {
      await anvil.ask('anvil_setBalance', [account, toHex(10n ** 18n)])
      const transfer = encodeFunctionData({
        ...{ abi: ankrTokenAbi, functionName: 'transfer', args: [account, firstDepositMin] },
      })
      await anvil.ask('eth_sendTransaction', [
        { from: holder, to: ankr, data: transfer, gas: toHex(100_000) },
      ])
    }
    await anvil.mine(1)
    for (const account of some) {
      const deposit = encodeFunctionData({
        ...{ abi: ankrTokenAbi, functionName: 'transferAndCall' },
        args: [ankrEscrow, firstDepositMin, key],
      })
      await anvil.ask('eth_sendTransaction', [
        { from: account, to: ankr, data: deposit, gas: toHex(300_000) },
      ])
    }
    await anvil.mine(1)
  }
  await anvil.ask('evm_setAutomine', [true])
  return accounts
}
