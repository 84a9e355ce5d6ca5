import type { Hex } from 'viem'
import type { AssetName } from '../economy/amounts.ts'
import { isRecord, parseJson } from '../http.ts'
import { commitmentOf, type KeyMaterial, type ProofJwk } from './key-material.ts'

/** A key as it is kept in the folder of its user. */
export type KeyFile = {
  name: string
  /** Seconds since 1970. */
  createdAt: number
  commitment: Hex
  material: KeyMaterial
  /** The account whose signature it was derived from. */
  derivedFrom?: Hex | undefined
  token?: HeldToken | undefined
  registration?: Registration | undefined
}

/** The last token that was had for the key. Apart from `raw` all of it also stands in its claims. */
export type HeldToken = {
  /** A secret where the token is bound to nothing. */
  raw: string
  transactionHash: Hex
  /** What was deposited, and how finely it is divided: a token names base units alone. Undefined in older files. */
  paidIn?: { asset: AssetName; decimals: number } | undefined
}

/** What the accounts service knows the key as. */
export type Registration = {
  /** Where that is. */
  accounts: string
  keyId: string
  projectId: string
  /** What it was before it was rotated, which is good until the overlap ends: seconds since 1970. */
  previous?: { key: string; endsAt: number } | undefined
}

const hex32 = /^0x[0-9a-f]{64}$/
const address = /^0x[0-9a-fA-F]{40}$/
const digits64 = /^[0-9a-f]{64}$/
const part = /^[A-Za-z0-9_-]{43}$/
const version = 1

export function formatKeyFile(file: KeyFile): string {
  return `${JSON.stringify({ version, ...file }, null, 2)}\n`
}

/** @returns Undefined for a text that is not whole, or whose key is not the one that it says. */
export function parseKeyFile(text: string): KeyFile | undefined {
  const value = parseJson(text)
  if (!isRecord(value) || value.version !== version) return undefined
  const { version: _, ...rest } = value
  const { name, createdAt, commitment, derivedFrom, token, registration } = rest
  const material = materialOf(rest.material)
  const isRight =
    typeof name === 'string' &&
    typeof createdAt === 'number' &&
    material !== undefined &&
    commitmentOf(material) === commitment &&
    (derivedFrom === undefined || isText(derivedFrom, address)) &&
    (token === undefined || isHeldToken(token)) &&
    (registration === undefined || isRegistration(registration))
  // Every member was checked.
  return isRight ? (rest as KeyFile) : undefined
}

function materialOf(value: unknown): KeyMaterial | undefined {
  if (!isRecord(value)) return undefined
  const isRight =
    (value.delivery === 'key' && isText(value.key, digits64)) ||
    (value.delivery === 'wallet' &&
      isText(value.account, address) &&
      isText(value.publicKey, hex32)) ||
    (value.delivery === 'proof' && isProofJwk(value.jwk))
  // Every member was checked.
  return isRight ? (value as KeyMaterial) : undefined
}

function isProofJwk(value: unknown): value is ProofJwk {
  if (!isRecord(value)) return false
  const { kty, crv, x, y, d } = value
  return kty === 'EC' && crv === 'P-256' && [x, y, d].every((one) => isText(one, part))
}

function isHeldToken(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { raw, transactionHash, paidIn } = value
  return typeof raw === 'string' && isText(transactionHash, hex32) && isPaidIn(paidIn)
}

function isPaidIn(value: unknown): boolean {
  if (value === undefined) return true
  if (!isRecord(value)) return false
  const { asset, decimals } = value
  const isDecimals = Number.isInteger(decimals) && Number(decimals) >= 0 && Number(decimals) <= 255
  return isDecimals && (asset === 'ankr' || asset === 'usd')
}

function isRegistration(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { accounts, keyId, projectId, previous } = value
  const isPrevious =
    previous === undefined ||
    (isRecord(previous) && isText(previous.key, digits64) && typeof previous.endsAt === 'number')
  return isPrevious && [accounts, keyId, projectId].every((one) => typeof one === 'string')
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value)
}
