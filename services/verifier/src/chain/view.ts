import type { accessRequestData } from '@mooring/onchain/access-statements'
import type { Reader } from '@mooring/onchain/clients'
import { readPart } from '@mooring/onchain/contracts'
import { signerRoleNames } from '@mooring/onchain/deploy/settings'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Address, createPublicClient, custom, type Hex, toHex } from 'viem'
import type { DepositChecks } from '../deposits/check.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { ChainView } from '../signing/examiner.ts'
import type { Agreed, Sources } from './sources.ts'

/** What this verifier sees of the chain, with everything else thrown as a refusal. */
export function createChainView(sources: Sources, checks: DepositChecks): ChainView {
  return {
    async checkDeposit(place) {
      const check = await checks.checkDeposit(place)
      if (check.ok) return check.facts
      const { code, detail, confirmations } = check
      throw new VerifierRefusal(code, detail, confirmations === undefined ? {} : { confirmations })
    },
    async checkCommitment(account, escrow, keyCommitment) {
      const check = await checks.checkCommitment({ account, escrow, keyCommitment })
      if (!check.ok) throw new VerifierRefusal(check.code, check.detail)
    },
    async isSignedByContract(account, data, signature) {
      return agreedOn(await askWallet(sources, { account, data, signature }))
    },
  }
}

/** The set of verifiers as the chain has it. Members come in ascending order. */
export async function readVerifiers(
  sources: Sources,
  deployment: Deployment,
): Promise<{ members: readonly Address[]; threshold: number }> {
  const [members, threshold] = agreedOn(
    await sources.askBoth((reader) =>
      readPart({ reader, deployment }, 'signerSets', 'membersOf', [verifierRole]),
    ),
  )
  return { members, threshold }
}

/** Roles of signer sets count from 1. */
const verifierRole = signerRoleNames.indexOf('verifier') + 1

/** Enough to deploy a wallet and have it check a few signatures. */
const walletGasMax = 5_000_000

/**
 * A wallet that is a contract says itself whether it signed (ERC-1271), also one that is not deployed yet (ERC-6492).
 * What is called is the account's, so its gas is bounded here, and its time by the sources' deadline.
 */
function askWallet(
  sources: Sources,
  {
    account,
    data,
    signature,
  }: { account: Address; data: ReturnType<typeof accessRequestData>; signature: Hex },
): Promise<Agreed<boolean>> {
  return sources.askBoth((reader) =>
    gasBound(reader).verifyTypedData({ ...data, address: account, signature }),
  )
}

/** The same node, whose calls get no more gas than that. */
function gasBound(reader: Reader) {
  return createPublicClient({
    chain: reader.chain,
    transport: custom({
      async request({ method, params }: { method: string; params?: readonly unknown[] }) {
        const [call, ...rest] = params ?? []
        const isCall = method === 'eth_call' && typeof call === 'object'
        const bounded = isCall ? [{ ...call, gas: toHex(walletGasMax) }, ...rest] : params
        // What comes in is a question of viem's own, with one member more.
        return reader.request({ method, params: bounded } as never)
      },
    }),
  })
}

function agreedOn<T>(agreed: Agreed<T>): T {
  if (agreed.ok) return agreed.value
  throw new VerifierRefusal(agreed.code, agreed.detail)
}
