import {
  assertPremium,
  assertRefused,
  chainUrlOf,
  endpointFor,
  rawTokenOf,
  untilStatus,
} from './ask-gateway.ts'
import { whileMining } from './chain.ts'
import { answerIn, assertShown, type Stage } from './stage.ts'

/** Transactions of the two deposits, which later tokens rest on as well. */
export type Deposits = { ankr: string; usd: string }

/** An access key that the command made: the token that is bound to it is worth nothing without it. */
export async function deliverToKey(stage: Stage, deposits: Partial<Deposits>): Promise<string> {
  await stage.mooring(['keys', 'new', 'main'])
  deposits.ankr = await depositFor(stage, ['1000', '--key', 'main'])
  await assertPremium(stage, { url: await endpointFor(stage, 'main') })
  const token = await rawTokenOf(stage, 'main')
  await assertRefused(
    stage,
    { headers: { authorization: `Bearer ${token}` } },
    'a token without the key it is bound to',
  )
  return 'served with the key in the path; the token alone is refused'
}

/** Sealed to the wallet's own encryption key, as the whitepaper has it. Whoever bears it may use it. */
export async function deliverToWallet(stage: Stage, deposits: Partial<Deposits>): Promise<string> {
  await stage.mooring(['keys', 'new', 'borne', '--delivery', 'wallet'])
  deposits.usd = await depositFor(stage, ['50', '--key', 'borne', '--asset', 'usd'])
  await assertPremium(stage, await bearing(stage, 'borne'))
  return 'sealed to the wallet, opened by it, served as a bearer'
}

/** Bound to a key that signs a proof for every request. */
export async function deliverToProof(stage: Stage, deposits: Partial<Deposits>): Promise<string> {
  const before = await bearing(stage, 'borne')
  await stage.mooring(['keys', 'new', 'proven', '--delivery', 'proof'])
  await rekey(stage, 'proven', deposits.usd)
  const token = await rawTokenOf(stage, 'proven')
  const proof = (
    await stage.mooring(['token', 'proof', 'proven', '--url', chainUrlOf(stage)])
  ).stdout.trim()
  const headers = { authorization: `DPoP ${token}`, dpop: proof }
  await assertPremium(stage, { headers })
  await assertRefused(stage, { headers }, 'a proof that was used before')
  const what = 'the token of the key that was named before'
  await untilStatus(stage, before, { isServed: false, what })
  return 'served with a proof, which is good once; the token of the key before is revoked'
}

/** An access key that follows from a typed signature of the wallet, so that it can be had again. */
export async function deliverToDerived(stage: Stage, deposits: Partial<Deposits>): Promise<string> {
  await stage.mooring(['keys', 'new', 'derived', '--derive'])
  await rekey(stage, 'derived', deposits.usd)
  await assertPremium(stage, { url: await endpointFor(stage, 'derived') })
  const again = answerIn(await stage.mooring(['keys', 'new', 'again', '--derive', '--json']))
  const first = answerIn(await stage.mooring(['keys', 'show', 'derived', '--json']))
  assertShown(again.commitment === first.commitment, 'the wallet gave another key the second time')
  return 'served with the key in the path; the wallet gives the same key again'
}

async function depositFor(stage: Stage, args: readonly string[]): Promise<string> {
  const { chain } = stage.network
  const ran = await whileMining(stage, () =>
    stage.mooring(['deposit', ...args, '--chain', chain, '--yes', '--json']),
  )
  const { transaction } = answerIn(ran)
  assertShown(typeof transaction === 'string', 'a deposit told of no transaction')
  return transaction
}

/** Names another key on chain, and gets a token for it that rests on the same deposit. */
async function rekey(stage: Stage, name: string, transaction: string | undefined): Promise<void> {
  assertShown(transaction !== undefined, 'there is no deposit to name another key for')
  const { commitment } = answerIn(await stage.mooring(['keys', 'show', name, '--json']))
  await stage.mooring(['escrow', 'key', String(commitment), '--asset', 'usd', '--yes'])
  await stage.mooring(['token', 'request', '--key', name, '--transaction', transaction])
}

async function bearing(stage: Stage, name: string) {
  return { headers: { authorization: `Bearer ${await rawTokenOf(stage, name)}` } }
}
