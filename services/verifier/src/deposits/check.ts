import type { Hex } from 'viem'
import { isAddress, isHash } from 'viem'
import { readHead } from '../chain/head.ts'
import { lowerCase } from '../chain/lower-case.ts'
import type { Sources } from '../chain/sources.ts'
import { type Escrow, escrowAt } from './deposited.ts'
import { type AccountRead, readAccount, readDeposit } from './read.ts'
import {
  type DepositCheck,
  type DepositRequest,
  type DepositRules,
  judgeDeposit,
  type Refusal,
  refuse,
} from './rules.ts'

export type CommitmentRequest = { account: Hex; escrow: Hex; keyCommitment: Hex }
/** `life` is the one that the account is in. */
export type CommitmentCheck = { ok: true; life: number } | Refusal

/** What one verifier finds out by itself. Whatever the sources do not agree on is refused, never guessed. */
export type DepositChecks = {
  /** Whether a log is a deposit that a token may rest on, and what it says. */
  checkDeposit(request: DepositRequest): Promise<DepositCheck>
  /** Whether an account names this key on chain, at the head that all sources have. */
  checkCommitment(request: CommitmentRequest): Promise<CommitmentCheck>
}

export type DepositSettings = Omit<DepositRules, 'depthBlocks'> & {
  depthBlocks?: number | undefined
  /** After so many blocks the code of an escrow is looked at again. */
  codeCheckBlocks?: number | undefined
}

/** As many as consumers of the network were always told to wait for. */
export const depthBlocksDefault = 12
/**
 * Our escrow cannot destroy or replace its own code, so it stays what it was on one branch; looking again finds out
 * about a chain that was started anew, or a fork that undid the deployment.
 */
const codeCheckBlocksDefault = 256

export function createDepositChecks(sources: Sources, settings: DepositSettings): DepositChecks {
  const { deployment, depthBlocks = depthBlocksDefault } = settings
  if (deployment.chainId !== sources.chainId) {
    throw new Error('the sources are not of the chain that the deployment is on')
  }
  const codes = createCodeMemory(settings.codeCheckBlocks ?? codeCheckBlocksDefault)
  return {
    async checkDeposit(request) {
      if (!isHash(request.transactionHash)) return refuse('MALFORMED', 'this is no transaction')
      const head = await readHead(sources)
      if (!head.ok) return head
      const { block: headBlock } = head.value
      const reading = await sources.askBoth((reader) => {
        const isEscrowKnown = (escrow: Escrow) => codes.knows(escrow, headBlock)
        return readDeposit(reader, { ...request, deployment, headBlock, isEscrowKnown })
      })
      if (!reading.ok) return reading
      const found = { head: head.value, reading: reading.value }
      const check = judgeDeposit({ deployment, depthBlocks }, request, found)
      // A deposit that passed was taken in by an escrow of ours.
      if (check.ok) codes.remember(check.facts.escrow, headBlock)
      return check
    },
    async checkCommitment({ account, escrow: address, keyCommitment }) {
      const escrow = escrowAt(deployment, address)
      if (escrow === undefined) {
        return refuse('NOT_A_DEPOSIT', 'this is no escrow of this deployment')
      }
      if (!isAddress(account, { strict: false })) return refuse('MALFORMED', 'this is no account')
      const found = await readAccountNow(sources, escrow, account)
      return found.ok ? judgeCommitment(found.value, keyCommitment) : found
    },
  }
}

async function readAccountNow(sources: Sources, escrow: Escrow, account: Hex) {
  const head = await readHead(sources)
  if (!head.ok) return head
  const blockNumber = head.value.block
  return sources.askBoth((reader) => readAccount(reader, { escrow, account, blockNumber }))
}

function judgeCommitment(account: AccountRead, keyCommitment: Hex): CommitmentCheck {
  if (!account.open) return refuse('ACCOUNT_CLOSED', 'the account has no deposit on chain')
  if (account.keyCommitment !== lowerCase(keyCommitment)) {
    return refuse('WRONG_KEY', 'the account names another key on chain')
  }
  return { ok: true, life: account.life }
}

/** Until which block the code of an escrow need not be read again. Has one entry for each escrow of a deployment. */
function createCodeMemory(codeCheckBlocks: number) {
  const seenAt = new Map<string, bigint>()
  return {
    knows(escrow: Escrow, headBlock: bigint): boolean {
      const block = seenAt.get(escrow.address)
      if (block === undefined || headBlock < block) return false
      return headBlock - block < BigInt(codeCheckBlocks)
    },
    remember(escrow: Hex, headBlock: bigint): void {
      const block = seenAt.get(escrow)
      const isDue = block === undefined || headBlock < block
      if (isDue || headBlock - block >= BigInt(codeCheckBlocks)) seenAt.set(escrow, headBlock)
    },
  }
}
