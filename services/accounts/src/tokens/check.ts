import { gatewayAudience } from '@mooring/protocol/access/claims'
import { parseDepositName } from '@mooring/protocol/access/names'
import { type AccessToken, parseToken } from '@mooring/protocol/access/token'
import type { StoredToken } from '@mooring/store/tokens'
import { compactVerify } from 'jose'
import { Refusal } from '../refusal.ts'
import { type KeySet, VerifiersSilent } from './key-set.ts'

export type TokenRules = {
  account: string
  nowMs: number
  /** Of the deployment; undefined where none is configured. */
  issuer: string | undefined
  /** Undefined where no verifiers are configured: gateways check every token by themselves anyway. */
  keys: KeySet | undefined
}

/** Throws TOKEN_REFUSED for what is no living token of the account that is bound to a key. */
export async function checkToken(text: string, rules: TokenRules): Promise<StoredToken> {
  const parsed = parseToken(text)
  if (!parsed.ok) throw refused(parsed.problem)
  const { claims } = parsed.token
  const binding = bindingOf(claims.cnf)
  const deposit = parseDepositName(claims.dep)
  const problem = problemOf(parsed.token, rules)
  if (problem !== undefined) throw refused(problem)
  if (binding === undefined) {
    // Whoever reads the database could use it.
    throw refused('a token that is bound to no key is kept nowhere but with its owner')
  }
  if (deposit === undefined) throw refused('it names no deposit')
  if (rules.keys !== undefined) await assertSigned(text, parsed.token, rules.keys)
  return { binding, jti: claims.jti, token: text, deposit, expiresAtMs: claims.exp * 1_000 }
}

function problemOf({ claims }: AccessToken, { account, nowMs, issuer }: TokenRules) {
  if (claims.sub !== account) return 'it is of another account'
  if (claims.aud !== gatewayAudience) return 'it is not for gateways'
  if (issuer !== undefined && claims.iss !== issuer) return 'it is of another network'
  if (claims.exp * 1_000 <= nowMs) return 'it has expired'
  return undefined
}

function bindingOf(cnf: AccessToken['claims']['cnf']): string | undefined {
  if (cnf === undefined) return undefined
  return 'jkt' in cnf ? cnf.jkt : cnf['key#S256']
}

async function assertSigned(text: string, { kid }: AccessToken, keys: KeySet): Promise<void> {
  try {
    const key = await keys.find(kid)
    if (key === undefined) throw refused('the verifiers have published no such key')
    await compactVerify(text, key, { algorithms: ['EdDSA'] })
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (error instanceof VerifiersSilent) {
      throw new Refusal('VERIFIERS_UNREACHABLE', 'no verifier answers: try again later')
    }
    throw refused('its signature is wrong')
  }
}

function refused(problem: string): Refusal {
  return new Refusal('TOKEN_REFUSED', `the token was refused: ${problem}`)
}
