import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { least } from '@mooring/market/economy/money/mul-div'
import { type ChargeFile, encodeChargeFile } from '@mooring/market/settlement/charge-file'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { chargeRootData } from '@mooring/onchain/signed'
import { type SettlementWish, settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import {
  type DepositChain,
  firstDepositMin,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import {
  applyFirst,
  type Files,
  keccak,
  leafOf,
  makeChargeFile,
  passPeriods,
  periodSeconds,
  postRoot,
  signatureOf,
  startFiles,
} from '@mooring/testkit/settlement-files'
import { createSeats, post, type Seat, type Seats } from '@mooring/testkit/verifier-seats'
import { recoverTypedDataAddress } from 'viem'

// Room for a slow machine.
setDefaultTimeout(90_000)

const stack = new AsyncDisposableStack()
let chain: DepositChain
let files: Files
let table: Seats
let first: Seat
/** What a period may take of the least deposit. */
let cap: bigint
beforeAll(async () => {
  chain = stack.use(await openDepositChain())
  files = stack.use(startFiles())
  table = stack.use(
    await createSeats(chain, { depthBlocks: 1, settlement: { billingUrl: `${files.url}/` } }),
  )
  first = table.seats[0]
  await chain.depositTogether([1, 2, 3, 4])
  await passPeriods(chain)
  cap = await readPart(chain.system, 'ankrEscrow', 'periodCapOf', [firstDepositMin])
  await Promise.all(table.seats.slice(0, 2).map((seat) => seat.start()))
})
afterAll(() => stack.disposeAsync())
afterEach(() => {
  for (const node of chain.nodes) node.beHonest()
})

const made = (changes: Partial<ChargeFile> = {}) => makeChargeFile(chain, files, changes)
const reasonsOf = async (wish: SettlementWish, seat = first) => {
  const answer = await signatureOf(seat, wish)
  return answer.state === 'refused' ? answer.reasons.join('\n') : answer.state
}

test.each<[string, (file: ChargeFile) => Partial<ChargeFile>, string]>([
  [
    'of another chain',
    (f) => ({ deployment: { ...f.deployment, chainId: 5 } }),
    'chainId: expected 31337, found 5',
  ],
  [
    'of another escrow',
    (f) => ({ deployment: { ...f.deployment, escrow: `0x${'5'.repeat(40)}` } }),
    'deployment.escrow',
  ],
  [
    'after a root that there is not',
    () => ({ previous: `0x${'5'.repeat(64)}` }),
    'previous: expected null',
  ],
  ['of half a period', (f) => ({ periodEnd: f.periodEnd - 1n }), 'a whole multiple of 3600'],
  ['of the future', (f) => ({ periodEnd: f.periodEnd + periodSeconds }), 'which is now'],
  [
    'of a period long ago',
    (f) => ({ periodEnd: f.periodEnd - periodSeconds }),
    'less than 3600 s before',
  ],
  [
    'of a block that there is not',
    (f) => ({ state: { ...f.state, block: 9_999n } }),
    'state.block: expected at most',
  ],
  [
    'of another branch',
    (f) => ({ state: { ...f.state, hash: `0x${'5'.repeat(64)}` } }),
    'state.hash: expected 0x',
  ],
  [
    'with a leaf of another life',
    () => ({ leaves: [leafOf(1, 7n, 1)] }),
    'leaves[0].life: expected 0, found 1',
  ],
  ['with a leaf of nothing', () => ({ leaves: [leafOf(1, 0n)] }), 'leaves[0].total: expected 1 to'],
  [
    'with a leaf over the cap',
    () => ({ leaves: [leafOf(1, cap + 1n)] }),
    `total: expected 1 to ${'CAP'}`,
  ],
  [
    'with a leaf of nobody',
    () => ({ leaves: [leafOf(7, 1n)] }),
    'leaves[0].total: expected 1 to 0',
  ],
])('a file %s is not signed', async (_what, change, says) => {
  const { file } = await made()
  const { wish } = await made(change(file))
  expect(await reasonsOf(wish)).toContain(says.replace('CAP', String(cap)))
})

test('a root that is not the next is refused before anything is fetched', async () => {
  const { wish } = await made({ rootId: 9n })
  expect(await reasonsOf(wish)).toBe('the next root of that escrow is 1, not 9')
})

test('a wish of another asset or root than the file is of is refused', async () => {
  const { wish } = await made()
  expect(await reasonsOf({ ...wish, kind: 'charge-root', asset: 'usd', rootId: '1' })).toContain(
    'asset: expected usd, found ankr',
  )
})

test('bytes of another file than asked for, of none and no file at all are refused', async () => {
  const { wish, file } = await made()
  const none = { ...wish, dataHash: `0x${'0'.repeat(64)}` } as const
  expect(await reasonsOf(none)).toContain('has no file')
  const other = { ...none, dataHash: `0x${'1'.repeat(64)}` } as const
  files.files.set(settlementPaths.chargeFile(other.dataHash), encodeChargeFile(file, keccak).text)
  expect(await reasonsOf(other)).toContain('in place of 0x1111')
  const broken = { ...none, dataHash: `0x${'2'.repeat(64)}` } as const
  files.files.set(settlementPaths.chargeFile(broken.dataHash), '{"version":2}')
  expect(await reasonsOf(broken)).toContain('expected')
})

test.each([
  [{ kind: 'charge-root', asset: 'eur', rootId: '1', dataHash: `0x${'1'.repeat(64)}` }, 'asset'],
  [{ kind: 'charge-root', asset: 'usd', rootId: '01', dataHash: `0x${'1'.repeat(64)}` }, 'rootId'],
  [
    { kind: 'epoch', epoch: '1', attempt: String(2n ** 64n), dataHash: `0x${'1'.repeat(64)}` },
    '64 bits',
  ],
  [{ kind: 'epoch', epoch: '1', attempt: '1', dataHash: '0x11' }, 'dataHash'],
])('a wish that is none is malformed: %#', async (wish, says) => {
  const { status, value } = await post(`${first.url}${settlementPaths.signatures}`, wish)
  expect(status).toBe(400)
  expect(value.detail).toContain(says)
})

test('a source that lies about an account is enough for a refusal, and a silent one as well', async () => {
  const { wish } = await made({ leaves: [leafOf(2, 9n)] })
  chain.nodes[1].lie((method, result, [call]) => {
    const isAccounts =
      method === 'eth_call' && String((call as { data: string }).data).length > 5_000
    return isAccounts
      ? String(result).replaceAll('3635c9adc5dea00000', '3635c9adc5dea00001')
      : result
  })
  expect(await reasonsOf(wish)).toContain('do not say the same')
  chain.nodes[1].lie((method, result) => (method === 'eth_call' ? '0x' : result))
  const { wish: other } = await made({ leaves: [leafOf(2, 10n)] })
  expect(await reasonsOf(other)).toContain('source 2 of this verifier answered what makes no sense')
})

test('what is right is signed, and the escrow takes it', async () => {
  const right = await made({ leaves: [leafOf(1, cap)] })
  const { file, roots, wish } = right
  const answer = await signatureOf(first, wish)
  if (answer.state !== 'signed') throw new Error(JSON.stringify(answer))
  const { rootId, periodEnd } = file
  const statement = { rootId, ...roots, periodEnd }
  const data = chargeRootData(chain.system.deployment, 'ankrEscrow', statement)
  const { signature, signer } = answer
  expect(await recoverTypedDataAddress({ ...data, signature })).toBe(signer)
  const second = await signatureOf(table.seats[1], wish)
  if (second.state !== 'signed') throw new Error(JSON.stringify(second))
  const both = [answer, second].sort((one, other) =>
    BigInt(one.signer) < BigInt(other.signer) ? -1 : 1,
  )
  const signatures = both.map((one) => one.signature)
  const args = [roots.root, roots.dataHash, periodEnd, signatures] as const
  const call = callPart(chain.system, 'ankrEscrow', 'postChargeRoot', args)

  // Never another one in its place, also by what was kept over a restart, and the same as often as it is asked for.
  const { wish: another } = await made({ leaves: [leafOf(1, cap - 1n)] })
  expect(await reasonsOf(another)).toContain(
    `has signed another file in its place: ${roots.dataHash}`,
  )
  await first.stop()
  await first.start()
  const { wish: third } = await made({ leaves: [leafOf(1, cap - 2n)] })
  expect(await reasonsOf(third)).toContain('has signed another file in its place')
  expect(await signatureOf(first, wish)).toEqual(answer)

  expect((await chain.send(player(1).address, call)).status).toBe('success')
})

test('a total goes out from what waits to be applied, not from what is taken', async () => {
  await passPeriods(chain)
  // The one before took a cap: what is left is smaller, and its own cap is no longer the whole one.
  const left = firstDepositMin - cap
  const next = await readPart(chain.system, 'ankrEscrow', 'periodCapOf', [left])
  const room = least(left, next)
  const { wish: low } = await made({ leaves: [leafOf(1, cap - 1n)] })
  expect(await reasonsOf(low)).toContain(`expected ${cap} to ${cap + room}`)
  const { wish: high } = await made({ leaves: [leafOf(1, cap + room + 1n)] })
  expect(await reasonsOf(high)).toContain(`expected ${cap} to ${cap + room}`)
  // The newest root has nothing of the account from now on; the older one still can be applied.
  await postRoot(chain, await made({ leaves: [leafOf(2, 5n)] }))
  await passPeriods(chain)
  const { wish: older } = await made({ leaves: [leafOf(1, cap + room + 1n)] })
  expect(await reasonsOf(older)).toContain(`expected ${cap} to ${cap + room}`)
})

test('while the file of an earlier root is not to be had, nothing is signed', async () => {
  const { wish, file } = await made({ leaves: [leafOf(3, 5n)] })
  const path = settlementPaths.chargeFile(file.previous ?? '0x')
  const kept = files.files.get(path) ?? ''
  files.files.delete(path)
  expect(await reasonsOf(wish, table.seats[1])).toContain(`has no file ${path}`)
  files.files.set(path, kept)
  // A refusal is looked at again.
  let state = ''
  for (; state !== 'signed'; await Bun.sleep(200)) state = await reasonsOf(wish, table.seats[1])
})

test('whoever takes a part out after the file was made does not hold up the root', async () => {
  const withdraw = async (functionName: 'requestWithdraw' | 'withdraw') => {
    const { address } = player(4)
    const call =
      functionName === 'withdraw'
        ? callPart(chain.system, 'ankrEscrow', 'withdraw', [address])
        : callPart(chain.system, 'ankrEscrow', 'requestWithdraw', [firstDepositMin])
    expect((await chain.send(address, call)).status).toBe('success')
  }
  await withdraw('requestWithdraw')
  await passPeriods(chain, 24 * 20)
  const { wish } = await made({ leaves: [leafOf(4, 5n)] })
  await withdraw('withdraw')
  await chain.anvil.mine(3)
  expect(await reasonsOf(wish)).toBe('signed')
})

test('once a signed root cannot be posted any more, another may have its place', async () => {
  await passPeriods(chain)
  await chain.anvil.mine(3)
  const { wish } = await made({ leaves: [leafOf(3, 6n)] })
  expect(await reasonsOf(wish)).toBe('signed')
})

test('of an earlier root of which all is taken the file is needed no more', async () => {
  const lasting = await made({ leaves: [leafOf(3, 7n)] })
  await postRoot(chain, lasting)
  await passPeriods(chain, 24 * 20)
  await applyFirst(chain, lasting)
  await postRoot(chain, await made({ leaves: [leafOf(2, 8n)] }))
  await passPeriods(chain)
  await chain.anvil.mine(3)
  expect(await reasonsOf((await made({ leaves: [leafOf(2, 9n)] })).wish)).toBe('signed')
  await passPeriods(chain)
  await chain.anvil.mine(3)
  files.files.delete(settlementPaths.chargeFile(lasting.roots.dataHash))
  expect(await reasonsOf((await made({ leaves: [leafOf(2, 10n)] })).wish)).toBe('signed')
})

test('a verifier without a billing service says so', async () => {
  await using bare = await createSeats(chain)
  const [seat] = bare.seats
  await seat.start()
  const { wish } = await made()
  const { status, value } = await post(`${seat.url}${settlementPaths.signatures}`, wish)
  expect(status).toBe(501)
  expect(value).toMatchObject({ code: 'NO_SETTLEMENT' })
})
