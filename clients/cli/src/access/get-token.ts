import { signTokenRequest } from '@mooring/onchain/access-tokens'
import type { Hex } from 'viem'
import type { Context } from '../context.ts'
import type { System } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'
import type { WalletKey } from '../wallet/account.ts'
import { askVerifiers, type Refusal } from './ask-verifiers.ts'
import { waitForDepth } from './confirmations.ts'
import { findDeposit, readReceipt } from './deposit-place.ts'
import type { KeyFile } from './key-file.ts'
import { saveKey } from './key-store.ts'
import { leaveNewToken } from './leave-tokens.ts'
import { otherKeyAdvice } from './other-key.ts'
import { assertOpens, deliveringFor } from './sealed.ts'
import { accessDomainOf, greet, readQuorum } from './verifiers.ts'

export type Getting = {
  system: System
  wallet: WalletKey
  key: KeyFile
  verifiers: readonly string[]
  transactionHash: Hex
  logIndex?: number | undefined
  /** Whether to wait until enough blocks are on top. */
  waits: boolean
}

/** Gets the token that rests on a deposit, and keeps it beside its key. */
export async function getToken(context: Context, getting: Getting): Promise<KeyFile> {
  const { system, wallet, key, transactionHash } = getting
  assertOpens(wallet, key)
  const domain = accessDomainOf(system)
  const signal = context.interruption()
  const [quorum, { urls, depthBlocks }] = await Promise.all([
    readQuorum(system),
    greet(context, getting.verifiers),
  ])
  if (depthBlocks === undefined) {
    throw new CommandError(
      'unreachable',
      `No verifier answers at ${urls.join(', ')}. ${wayOnOf(getting)}`,
    )
  }
  const receipt = await receiptOf(context, getting, { depthBlocks, signal })
  const deposit = findDeposit(system, receipt, {
    account: wallet.account.address,
    logIndex: getting.logIndex,
  })
  const { deliverTo, open } = await deliveringFor(key, wallet)
  const wish = {
    ...{ transactionHash, logIndex: deposit.logIndex, keyCommitment: key.commitment },
    ...{ delivery: key.material.delivery, deliverTo },
  }
  const request = await signTokenRequest(domain, wallet.account, wish, Date.now())
  context.stderr.write('  asking the verifiers for the token …\n')
  const asked = await askVerifiers(context, {
    ...{ verifiers: urls, request, amount: deposit.amount, trust: { domain, quorum }, open },
    signal,
    onRefusal: (refusal) => context.stderr.write(`  ${sentenceOf(refusal)}\n`),
  })
  if (asked.kind === 'none' && signal.aborted) {
    throw new CommandError('unexpected', `Stopped asking. ${wayOnOf(getting)}`)
  }
  if (asked.kind === 'none') {
    const isOther = asked.refusals.some(({ code }) => code === 'WRONG_KEY')
    const wayOn = isOther ? await otherKeyAdvice(context, getting, deposit) : wayOnOf(getting)
    throw noneGiven(asked.refusals, { threshold: quorum.threshold, wayOn })
  }
  const { asset } = deposit
  const paidIn = { asset, decimals: system.assets[asset].decimals }
  const held: KeyFile = { ...key, token: { raw: asked.raw, transactionHash, paidIn } }
  saveKey(context, held)
  await leaveNewToken(context, held)
  return held
}

async function receiptOf(
  context: Context,
  getting: Getting,
  { depthBlocks, signal }: { depthBlocks: number; signal: AbortSignal },
) {
  const { system, transactionHash: hash } = getting
  const receipt = await readReceipt(system, hash)
  if (receipt !== undefined) {
    // What is no deposit is not waited for.
    const { address: account } = getting.wallet.account
    findDeposit(system, receipt, { account, logIndex: getting.logIndex })
  } else if (!(await isKnown(system, hash))) {
    throw new CommandError('badInput', `The chain knows no transaction ${hash}.`)
  }
  if (getting.waits) {
    const wait = { hash, depthBlocks, signal, wayOn: commandOf(getting) }
    return waitForDepth(context, system, wait)
  }
  if (receipt !== undefined) return receipt
  throw new CommandError('badInput', `No block holds the transaction ${hash} yet.`)
}

async function isKnown({ reader }: System, hash: Hex): Promise<boolean> {
  return (await reader.request({ method: 'eth_getTransactionByHash', params: [hash] })) !== null
}

/** How one goes on from a deposit that stands. */
export function commandOf({
  key,
  transactionHash,
}: Pick<Getting, 'key' | 'transactionHash'>): string {
  return `npx mooring token request --key ${key.name} --transaction ${transactionHash}`
}

function wayOnOf(getting: Getting): string {
  return `The deposit stands: \`${commandOf(getting)}\` asks again.`
}

function sentenceOf({ url, code, detail }: Refusal): string {
  return code === 'MALFORMED_ANSWER' || code === 'UNREACHABLE'
    ? `${url} gave no token: ${detail}`
    : `${url} gave no token: ${detail} (${code})`
}

function noneGiven(
  refusals: Refusal[],
  { threshold, wayOn }: { threshold: number; wayOn: string },
): CommandError {
  const isSilent = refusals.every(({ code }) => code === 'UNREACHABLE')
  const lines = refusals.map((refusal) => `  ${sentenceOf(refusal)}\n`).join('')
  return new CommandError(
    isSilent ? 'unreachable' : 'refused',
    `No verifier gave a token; ${threshold} of them have to agree:\n${lines}${wayOn}`,
  )
}
