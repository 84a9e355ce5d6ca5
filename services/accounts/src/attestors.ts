import { readFile } from 'node:fs/promises'
import type { AccessDomain } from '@mooring/onchain/access-statements'
import { parseDeployment } from '@mooring/onchain/deployment'
import { issuerOf } from '@mooring/protocol/access/names'
import type { Clock } from '@mooring/telemetry/clock'
import type { AccountsConfig } from './config.ts'
import type { Escrows } from './deposits/rules.ts'
import { createKeySet, type KeySet } from './tokens/key-set.ts'
import { createVerifiers, type Verifiers } from './verifiers/verifiers.ts'

/** Who is believed about deposits and tokens, and of which deployment. All undefined where none is configured. */
export type Attestors =
  | { verifiers: Verifiers; domain: AccessDomain; escrows: Escrows; issuer: string; keys: KeySet }
  | {
      verifiers: undefined
      domain: undefined
      escrows: undefined
      issuer: undefined
      keys: undefined
    }

/** Throws when the deployment cannot be read, or is on another chain than accounts are. */
export async function openAttestors(
  { deposits, signIn }: AccountsConfig,
  clock: Clock,
): Promise<Attestors> {
  if (deposits === undefined) {
    const nobody = undefined
    return { verifiers: nobody, domain: nobody, escrows: nobody, issuer: nobody, keys: nobody }
  }
  const { chainId, parts } = parseDeployment(await readFile(deposits.deployment, 'utf8'))
  if (chainId !== signIn.chainId) {
    throw new Error(`the deployment is on chain ${chainId}, and accounts on ${signIn.chainId}`)
  }
  if (deposits.verifiersMin > deposits.verifiers.length) {
    throw new Error('deposits.verifiersMin asks for more verifiers than are listed')
  }
  const domain = { chainId, ankrEscrow: parts.ankrEscrow }
  const verifiers = createVerifiers(deposits)
  return {
    verifiers,
    domain,
    escrows: {
      ankr: parts.ankrEscrow.toLowerCase(),
      usd: parts.stableEscrow.toLowerCase(),
    },
    issuer: issuerOf(chainId, parts.ankrEscrow),
    keys: createKeySet(verifiers, domain, clock),
  }
}
