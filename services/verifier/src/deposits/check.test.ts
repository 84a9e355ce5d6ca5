import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowBytecode } from '@mooring/abis/bytecode/escrow'
import { escrowAbi } from '@mooring/abis/escrow'
import { agreeingAttestations } from '@mooring/onchain/access-statements'
import type { Deployment } from '@mooring/onchain/deployment'
import { consentData } from '@mooring/onchain/signed'
import {
  type DepositChain,
  firstDepositMin,
  keyOf,
  oneAnkr,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import {
  depositRouterAbi,
  depositRouterBytecode,
  feeTokenAbi,
  feeTokenBytecode,
  lookAlikeEscrowAbi,
  lookAlikeEscrowBytecode,
} from '@mooring/testkit/hostile-contracts'
import { type Address, type Hex, maxUint256, padHex, zeroAddress } from 'viem'
import { sourcesOver } from '../chain/sources.fixtures.ts'
import type { Sources } from '../chain/sources.ts'
import { attest } from './attest.ts'
import { createDepositChecks, type DepositChecks } from './check.ts'

/** Other tests may be running beside these. */
setDefaultTimeout(30_000)

let chain: DepositChain
let sources: Sources
/** With the depth that consumers have to wait for. */
let checks: DepositChecks
/** Of deposits whose depth does not matter to a test. */
let shallow: DepositChecks
let deployment: Deployment

beforeAll(async () => {
  chain = await openDepositChain()
  deployment = chain.system.deployment
  sources = sourcesOver(chain)
  checks = createDepositChecks(sources, { deployment })
  shallow = createDepositChecks(sources, { deployment, depthBlocks: 0 })
})
afterAll(() => chain?.[Symbol.asyncDispose]())

const onEscrow = (functionName: string, ...args: unknown[]) => ({
  ...{ to: chain.ankrEscrow, abi: escrowAbi, functionName, args },
})
const approve = (token: Address, spender: Address) => ({
  ...{ to: token, abi: ankrTokenAbi, functionName: 'approve', args: [spender, maxUint256] },
})

/** Takes an amount out of an account, and waits as long as that takes. */
async function withdraw(number: number, amount: bigint): Promise<void> {
  const { address } = player(number)
  await chain.send(address, onEscrow('requestWithdraw', amount))
  await chain.anvil.ask('evm_increaseTime', [3 * 3_600])
  await chain.send(address, onEscrow('withdraw', address))
}

/** What a person who receives a deposit signs. */
async function consentOf(number: number, nonce: bigint) {
  const { timestamp } = await chain.system.reader.getBlock()
  const account = player(number)
  const deadline = timestamp + 3_600n
  const statement = { account: account.address, keyCommitment: keyOf(number), nonce, deadline }
  const signature = await account.signTypedData(consentData(deployment, 'ankrEscrow', statement))
  return { deadline, signature }
}

describe('a deposit', () => {
  test('passes with twelve blocks on top, and is told whole; with eleven it does not pass', async () => {
    const { receipt, ...place } = await chain.deposit(1)
    await chain.anvil.mine(11)
    expect(await checks.checkDeposit(place)).toEqual({
      ...{ ok: false, code: 'TOO_FEW_CONFIRMATIONS' },
      detail: '11 blocks are on top of the deposit, and 12 are needed',
      confirmations: { have: 11, need: 12 },
    })
    await chain.anvil.mine(1)
    expect(await checks.checkDeposit(place)).toEqual({
      ok: true,
      facts: {
        escrow: chain.ankrEscrow.toLowerCase() as Hex,
        account: player(1).address.toLowerCase() as Hex,
        ...{ transactionHash: place.transactionHash, logIndex: 0 },
        ...{ amount: String(firstDepositMin), life: 0 },
        ...{ blockNumber: Number(receipt.blockNumber), blockHash: receipt.blockHash },
        isFinal: true,
      },
    })
    const shouted = `0x${place.transactionHash.slice(2).toUpperCase()}` as const
    const same = await checks.checkDeposit({ ...place, transactionHash: shouted })
    expect(same).toEqual(await checks.checkDeposit(place))
  })

  test('is final when the chain says so, and not before', async () => {
    const place = await chain.deposit(1)
    await chain.anvil.mine(1)
    expect(await shallow.checkDeposit(place)).toMatchObject({ facts: { isFinal: false } })
    await chain.anvil.mine(1)
    expect(await shallow.checkDeposit(place)).toMatchObject({ facts: { isFinal: true } })
  })

  test('in dollars passes as well', async () => {
    const { stable, stableEscrow } = deployment.parts
    const { address } = player(1)
    await chain.send(address, approve(stable, stableEscrow))
    const amount = 30n * 10n ** 6n
    const call = { ...onEscrow('deposit', amount, keyOf(1)), to: stableEscrow }
    const { transactionHash } = await chain.send(address, call)
    expect(await shallow.checkDeposit({ transactionHash, logIndex: 0 })).toMatchObject({
      ok: true,
      facts: { escrow: stableEscrow.toLowerCase(), amount: String(amount) },
    })
  })

  test('that somebody else paid is the one of whom it was made for', async () => {
    await chain.deposit(1)
    const { deadline, signature } = await consentOf(2, 0n)
    const args = [player(2).address, firstDepositMin, keyOf(2), deadline, signature]
    const { transactionHash } = await chain.send(player(1).address, onEscrow('depositFor', ...args))
    expect(await shallow.checkDeposit({ transactionHash, logIndex: 0 })).toMatchObject({
      ok: true,
      facts: { account: player(2).address.toLowerCase() },
    })
  })

  test('that a contract made for itself passes: its log counts, not where the transaction went', async () => {
    const router = await chain.create({ abi: depositRouterAbi, bytecode: depositRouterBytecode })
    const { ankr: token, ankrEscrow: escrow } = deployment.parts
    const { address } = player(3)
    await chain.send(address, approve(token, router))
    const wanted = { token, escrow, amount: firstDepositMin, keyCommitment: keyOf(3) }
    const call = { to: router, abi: depositRouterAbi, functionName: 'route', args: [wanted] }
    const { transactionHash, logs } = await chain.send(address, call)
    const log = logs.find((one) => one.address === escrow.toLowerCase())
    const place = { transactionHash, logIndex: log?.logIndex ?? -1 }
    expect(await shallow.checkDeposit(place)).toMatchObject({
      ok: true,
      facts: { account: router.toLowerCase() },
    })
  })

  test('that tops up may be small, because what was put in before counts', async () => {
    await chain.deposit(4)
    const place = await chain.deposit(4, { amount: oneAnkr })
    expect(await shallow.checkDeposit(place)).toMatchObject({
      ok: true,
      facts: { amount: String(oneAnkr) },
    })
  })

  test('counts no longer when so much was withdrawn that too little is left', async () => {
    const place = await chain.deposit(5)
    await withdraw(5, firstDepositMin - oneAnkr)
    expect(await shallow.checkDeposit(place)).toMatchObject({ code: 'DEPOSIT_TOO_SMALL' })
  })

  test('is of a closed account once everything was withdrawn, and stays so when it opens again', async () => {
    const before = await chain.deposit(6)
    expect(await shallow.checkDeposit(before)).toMatchObject({ ok: true, facts: { life: 0 } })
    await withdraw(6, firstDepositMin)
    expect(await shallow.checkDeposit(before)).toMatchObject({ code: 'ACCOUNT_CLOSED' })
    const after = await chain.deposit(6)
    expect(await shallow.checkDeposit(before)).toMatchObject({ code: 'ACCOUNT_CLOSED' })
    expect(await shallow.checkDeposit(after)).toMatchObject({ ok: true, facts: { life: 1 } })
  })
})

describe('a fake deposit (security row 7) is refused:', () => {
  test('a transaction that failed', async () => {
    const args = [maxUint256 / 2n ** 140n, keyOf(1)]
    const receipt = await chain.send(player(1).address, onEscrow('deposit', ...args))
    expect(receipt.status).toBe('reverted')
    const place = { transactionHash: receipt.transactionHash, logIndex: 0 }
    expect(await shallow.checkDeposit(place)).toMatchObject({ code: 'TRANSACTION_FAILED' })
  })

  test('another contract that says the same as the escrow', async () => {
    const fake = await lookAlike()
    const args = [player(1).address, firstDepositMin, keyOf(1)]
    const call = { to: fake, abi: lookAlikeEscrowAbi, functionName: 'pretend', args }
    const { transactionHash } = await chain.send(player(1).address, call)
    expect(await shallow.checkDeposit({ transactionHash, logIndex: 0 })).toMatchObject({
      code: 'NOT_A_DEPOSIT',
    })
  })

  test('the log of another contract beside a true one, in one transaction', async () => {
    const [router, fake] = [
      await chain.create({ abi: depositRouterAbi, bytecode: depositRouterBytecode }),
      await lookAlike(),
    ]
    const { ankr: token, ankrEscrow: escrow } = deployment.parts
    const payer = player(7).address
    await chain.send(payer, approve(token, router))
    const { deadline, signature } = await consentOf(3, 0n)
    const wanted = { token, escrow, amount: firstDepositMin, keyCommitment: keyOf(3) }
    const args = [wanted, fake, player(3).address, deadline, signature]
    const call = { to: router, abi: depositRouterAbi, functionName: 'routeAmongLookAlikes', args }
    const { transactionHash, logs } = await chain.send(payer, call)
    const passed: Address[] = []
    for (const { logIndex, address } of logs) {
      const check = await shallow.checkDeposit({ transactionHash, logIndex })
      if (check.ok) passed.push(address)
      else expect(check.code).toBe('NOT_A_DEPOSIT')
    }
    expect(logs.length).toBeGreaterThan(4)
    expect(passed).toEqual([escrow.toLowerCase() as Hex])
  })

  test('a log of the transaction that is no deposit, or that is not there', async () => {
    const place = await chain.deposit(1)
    for (const logIndex of [1, 2, 99, -1]) {
      const check = await shallow.checkDeposit({ ...place, logIndex })
      expect(check).toMatchObject({ code: 'NOT_A_DEPOSIT' })
    }
  })

  test('what the escrow says of other things than deposits', async () => {
    await chain.deposit(4)
    const { address } = player(4)
    const calls = [
      onEscrow('setKeyCommitment', keyOf(4)),
      onEscrow('requestWithdraw', oneAnkr),
      onEscrow('cancelWithdraw'),
    ]
    for (const call of calls) {
      const { transactionHash, logs } = await chain.send(address, call)
      expect(logs).toHaveLength(1)
      const check = await shallow.checkDeposit({ transactionHash, logIndex: 0 })
      expect(check).toMatchObject({ code: 'NOT_A_DEPOSIT' })
    }
  })

  test('a contract that is not our code, although the configuration names it', async () => {
    const fake = await lookAlike()
    const args = [player(1).address, firstDepositMin, keyOf(1)]
    const call = { to: fake, abi: lookAlikeEscrowAbi, functionName: 'pretend', args }
    const { transactionHash } = await chain.send(player(1).address, call)
    const check = await checksOf({ ankrEscrow: fake }).checkDeposit({
      transactionHash,
      logIndex: 0,
    })
    expect(check).toMatchObject({ code: 'CONTRACT_UNKNOWN' })
  })

  test('our code made for another token than the configuration names', async () => {
    const { token, escrow } = await feeEscrow({ pretends: true })
    const transactionHash = await depositFees(token, escrow)
    const check = await checksOf({ ankrEscrow: escrow }).checkDeposit({
      transactionHash,
      logIndex: 0,
    })
    expect(check).toMatchObject({ code: 'CONTRACT_UNKNOWN' })
  })

  test('a token that takes a fee and lies about balances: less arrived than the escrow says', async () => {
    const { token, escrow } = await feeEscrow({ pretends: true })
    const transactionHash = await depositFees(token, escrow)
    const own = checksOf({ ankrEscrow: escrow, ankr: token })
    expect(await own.checkDeposit({ transactionHash, logIndex: 0 })).toEqual({
      ...{ ok: false, code: 'NOT_A_DEPOSIT' },
      detail: `the escrow was told of ${firstDepositMin} base units, and ${(firstDepositMin * 99n) / 100n} arrived`,
    })
  })

  test('a token that takes a fee and says so: the escrow itself refuses it', async () => {
    const { token, escrow } = await feeEscrow({ pretends: false })
    const transactionHash = await depositFees(token, escrow)
    const own = checksOf({ ankrEscrow: escrow, ankr: token })
    const check = await own.checkDeposit({ transactionHash, logIndex: 0 })
    expect(check).toMatchObject({ code: 'TRANSACTION_FAILED' })
  })

  test('a transaction that is not there, or is none', async () => {
    const place = { transactionHash: padHex('0x01'), logIndex: 0 }
    expect(await shallow.checkDeposit(place)).toMatchObject({ code: 'NO_SUCH_DEPOSIT' })
    const none = await shallow.checkDeposit({ ...place, transactionHash: '0x01' })
    expect(none).toMatchObject({ code: 'MALFORMED' })
  })

  test('a block that is not part of the chain any more', async () => {
    const { receipt, ...place } = await chain.deposit(1)
    for (const node of chain.nodes) {
      node.lie((method, result, [block]) => {
        const isIt =
          method === 'eth_getBlockByNumber' && Number(block) === Number(receipt.blockNumber)
        return isIt ? { ...(result as object), hash: padHex('0x02') } : result
      })
    }
    expect(await shallow.checkDeposit(place)).toMatchObject({ code: 'ORPHANED' })
    for (const node of chain.nodes) node.beHonest()
  })
})

describe('the key that an account names', () => {
  test('is the one on chain, and no other', async () => {
    await chain.deposit(7)
    const wanted = { account: player(7).address, escrow: chain.ankrEscrow, keyCommitment: keyOf(7) }
    expect(await shallow.checkCommitment(wanted)).toEqual({ ok: true, life: 0 })
    await chain.send(wanted.account, onEscrow('setKeyCommitment', keyOf(70)))
    expect(await shallow.checkCommitment(wanted)).toMatchObject({ code: 'WRONG_KEY' })
    const renewed = await shallow.checkCommitment({ ...wanted, keyCommitment: keyOf(70) })
    expect(renewed).toEqual({ ok: true, life: 0 })
  })

  test('is none where the account has no deposit, whatever it has written down', async () => {
    const { address } = player(8)
    await chain.send(address, onEscrow('setKeyCommitment', keyOf(8)))
    const wanted = { account: address, escrow: chain.ankrEscrow, keyCommitment: keyOf(8) }
    expect(await shallow.checkCommitment(wanted)).toMatchObject({ code: 'ACCOUNT_CLOSED' })
  })

  test('is never asked of a contract that is no escrow of the deployment', async () => {
    const wanted = { account: player(7).address, keyCommitment: keyOf(7) }
    const elsewhere = { ...wanted, escrow: deployment.parts.ankr }
    expect(await shallow.checkCommitment(elsewhere)).toMatchObject({ code: 'NOT_A_DEPOSIT' })
    const nobody = { ...wanted, escrow: chain.ankrEscrow, account: '0x01' as const }
    expect(await shallow.checkCommitment(nobody)).toMatchObject({ code: 'MALFORMED' })
  })
})

test('two verifiers that found the same sign statements that agree', async () => {
  const check = await shallow.checkDeposit(await chain.deposit(1))
  if (!check.ok) throw new Error(check.detail)
  const domain = { chainId: deployment.chainId, ankrEscrow: chain.ankrEscrow }
  const members = [player(1), player(2)]
  const attestations = await Promise.all(
    members.map((member) => attest(member, domain, check.facts)),
  )
  const quorum = { members: members.map(({ address }) => address), threshold: 2 }
  expect(await agreeingAttestations(domain, quorum, attestations)).toEqual(attestations)
})

test('the code of an escrow is read again after some blocks, and not for every deposit', async () => {
  const ours = createDepositChecks(sources, {
    deployment,
    depthBlocks: 0,
    codeCheckBlocks: 3,
  })
  const place = await chain.deposit(1)
  const readings: number[] = []
  for (let block = 0; block < 5; block++) {
    const before = codesRead()
    expect(await ours.checkDeposit(place)).toMatchObject({ ok: true })
    readings.push(codesRead() - before)
    await chain.anvil.mine(1)
  }
  expect(readings).toEqual([1, 0, 0, 1, 0])
})

test('checks of another chain than the deployment is on are not made', () => {
  const elsewhere = { deployment: { ...deployment, chainId: 5 } }
  expect(() => createDepositChecks(sources, elsewhere)).toThrow('not of the chain')
})

function codesRead(): number {
  return chain.nodes[0].requests.filter(({ method }) => method === 'eth_getCode').length
}

function lookAlike(): Promise<Address> {
  return chain.create({ abi: lookAlikeEscrowAbi, bytecode: lookAlikeEscrowBytecode })
}

/** Checks of a deployment some of whose parts are others. */
function checksOf(parts: Partial<Deployment['parts']>): DepositChecks {
  const other = { ...deployment, parts: { ...deployment.parts, ...parts } }
  return createDepositChecks(sources, { deployment: other, depthBlocks: 0 })
}

/** An escrow of this version for a token that takes a fee. */
async function feeEscrow({ pretends }: { pretends: boolean }) {
  const { manager, params, signerSets, feeRouter } = deployment.parts
  const token = await chain.create({
    ...{ abi: feeTokenAbi, bytecode: feeTokenBytecode },
    args: [10n * firstDepositMin, pretends],
  })
  const escrow = await chain.create({
    ...{ abi: escrowAbi, bytecode: escrowBytecode },
    args: [manager, params, signerSets, feeRouter, token, zeroAddress, player(8).address],
  })
  return { token, escrow }
}

async function depositFees(token: Address, escrow: Address): Promise<Hex> {
  const { address } = player(8)
  await chain.send(address, {
    to: token,
    abi: feeTokenAbi,
    functionName: 'approve',
    args: [escrow, 0n],
  })
  const call = { ...onEscrow('deposit', firstDepositMin, keyOf(8)), to: escrow }
  return (await chain.send(address, call)).transactionHash
}
