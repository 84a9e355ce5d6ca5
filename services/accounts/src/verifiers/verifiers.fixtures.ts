import { attestationData, groupKeyData, revocationData } from '@mooring/onchain/access-statements'
import { type AccessClaims, gatewayAudience } from '@mooring/protocol/access/claims'
import { accountNameOf, depositNameOf, issuerOf } from '@mooring/protocol/access/names'
import { encodeBytes, formatToken, signingInputOf } from '@mooring/protocol/access/token'
import type {
  DepositFacts,
  GroupJwk,
  RevocationReason,
  SignedAttestation,
  SignedRevocation,
  VerifierProblemCode,
} from '@mooring/protocol/access/verifier-wire'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { Address, Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { chainId } from '../accounts.fixtures.ts'

export const domain = {
  chainId,
  ankrEscrow: '0x00000000000000000000000000000000000e5c01' as Address,
}
export const usdEscrow = '0x00000000000000000000000000000000000e5c02' as Address
export const issuer = issuerOf(chainId, domain.ankrEscrow)

/** What is on chain, as far as verifiers would find it out. */
export type Script =
  | { facts: Partial<DepositFacts> & Pick<DepositFacts, 'account'> }
  | { code: VerifierProblemCode; confirmations?: { have: number; need: number } }
  | { answer: () => Response | Promise<Response> }

export type ScriptedVerifier = {
  address: Address
  url: string
  /** How often it was asked about a deposit. */
  readonly asked: number
  /** What it says of a deposit from now on; NO_SUCH_DEPOSIT of those it was told nothing of. */
  say(transactionHash: string, script: Script): void
  revoke(jti: string, reason: RevocationReason, as?: Partial<SignedRevocation>): Promise<void>
  publish(key: GroupJwk): void
  /** Lists it as ended at once, and no more as good. */
  end(key: GroupJwk): void
  /** Has a token that is bound to a key. */
  hold(keyHash: string, token: string): void
  sign(key: Omit<GroupJwk, 'mooring:signatures'>): Promise<{ verifier: Address; signature: Hex }>
  stop(): void
}

/** A verifier that signs with a key of its own whatever a test has it find. */
export function startScriptedVerifier(): ScriptedVerifier {
  const signer = privateKeyToAccount(generatePrivateKey())
  const scripts = new Map<string, Script>()
  const revocations: SignedRevocation[] = []
  let keys: GroupJwk[] = []
  const ended: GroupJwk[] = []
  const tokens = new Map<string, string>()
  let asked = 0
  const attest = async (transactionHash: Hex, logIndex: number): Promise<Response> => {
    const script = scripts.get(transactionHash) ?? { code: 'NO_SUCH_DEPOSIT' as const }
    if ('answer' in script) return await script.answer()
    if ('code' in script) return Response.json({ ...script, status: 409 }, { status: 409 })
    const facts = { ...factsOf(transactionHash, logIndex), ...script.facts }
    const signature = await signer.signTypedData(attestationData(domain, facts))
    const attestation = {
      ...facts,
      verifier: signer.address,
      signature,
    } satisfies SignedAttestation
    return Response.json(attestation)
  }
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      if (pathname === '/.well-known/jwks.json') {
        return Response.json({ keys, 'mooring:ended': ended })
      }
      if (pathname === '/v1/revocations') {
        const after = Number(searchParams.get('after'))
        return Response.json({ next: revocations.length, revocations: revocations.slice(after) })
      }
      if (pathname.startsWith('/v1/tokens/')) {
        const token = tokens.get(pathname.slice('/v1/tokens/'.length))
        return token === undefined ? new Response('', { status: 404 }) : Response.json({ token })
      }
      asked++
      const { transactionHash, logIndex } = (await request.json()) as DepositFacts
      return await attest(transactionHash, logIndex)
    },
  })
  return {
    address: signer.address,
    url: `http://127.0.0.1:${server.port}`,
    get asked() {
      return asked
    },
    say: (transactionHash, script) => void scripts.set(transactionHash, script),
    async revoke(jti, reason, as = {}) {
      const said = { jti, reason, revokedAt: 1_780_000_000 }
      const signature = await signer.signTypedData(revocationData(domain, said))
      revocations.push({ ...said, verifier: signer.address, signature, ...as })
    },
    publish: (key) => void keys.push(key),
    end(key) {
      keys = keys.filter(({ kid }) => kid !== key.kid)
      ended.push(key)
    },
    hold: (keyHash, token) => void tokens.set(keyHash, token),
    sign: async (key) => ({
      verifier: signer.address,
      signature: await signer.signTypedData(groupKeyData(domain, key)),
    }),
    stop: () => void server.stop(true),
  }
}

function factsOf(transactionHash: Hex, logIndex: number): Omit<DepositFacts, 'account'> {
  return {
    ...{ escrow: domain.ankrEscrow, transactionHash, logIndex, amount: '1005', life: 0 },
    ...{ blockNumber: 7, blockHash: `0x${'b1'.repeat(32)}`, isFinal: false },
  }
}

/** A key of the group as verifiers publish it, and what signs tokens with it. */
export async function createGroupKey(signers: readonly ScriptedVerifier[]) {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { x = '' } = await exportJWK(publicKey)
  const bare = { kty: 'OKP', crv: 'Ed25519', x } as const
  const kid = await calculateJwkThumbprint(bare)
  // What else a key says does not matter here.
  const statement = {
    ...bare,
    alg: 'EdDSA',
    use: 'sig',
    kid,
    'mooring:from': 1_700_000_000,
    'mooring:until': null,
  } as const
  const signed = async (key: Omit<GroupJwk, 'mooring:signatures'>): Promise<GroupJwk> => ({
    ...key,
    'mooring:signatures': await Promise.all(signers.map((signer) => signer.sign(key))),
  })
  return {
    jwk: await signed(statement),
    endedJwk: await signed({ ...statement, 'mooring:until': statement['mooring:from'] }),
    async sign(claims: AccessClaims): Promise<string> {
      const input = signingInputOf(kid, claims)
      const bytes = new TextEncoder().encode(input)
      return formatToken(
        input,
        new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
      )
    },
  }
}

export function claimsFor(
  account: { address: string },
  { transactionHash, nowMs }: { transactionHash: string; nowMs: number },
  changes: Partial<AccessClaims> = {},
): AccessClaims {
  const random = () => encodeBytes(crypto.getRandomValues(new Uint8Array(32)))
  const iat = Math.floor(nowMs / 1_000)
  return {
    ...{ iss: issuer, aud: gatewayAudience, sub: accountNameOf(chainId, account.address) },
    ...{ jti: random(), iat, exp: iat + 3_600, tier: 'premium', stage: 'full', epoch: 0 },
    dep: depositNameOf({ chainId, transactionHash, logIndex: 1 }),
    att: random(),
    cnf: { 'key#S256': random() },
    ...changes,
  }
}
