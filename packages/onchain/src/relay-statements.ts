import { receiptDomainName, receiptFields } from '@mooring/market/settlement/receipts'
import type { Receipt } from '@mooring/protocol/relays/receipts'
import type { SessionGrant, SessionOffer } from '@mooring/protocol/relays/sessions'
import { type Address, concatBytes, type Hex, stringToBytes } from 'viem'
import type { Deployment } from './deployment.ts'
import { openKeccak } from './keccak.ts'

const keccak = await openKeccak()

/**
 * What gateways and nodes sign about relays, as EIP-712 typed data. All of it is bound to one deployment by its chain and
 * the registry of providers, which knows the keys of nodes.
 *
 * Receipts and answers are hashed by the thousand, so the digests are made here and not by viem, which takes many times as
 * long; the tests hold them to what viem says.
 */
export type RelayDomain = { chainId: number; registry: Address }

export function relayDomainOf({ chainId, parts }: Deployment): RelayDomain {
  return { chainId, registry: parts.registry }
}

const fieldsOf = {
  SessionOffer: 'uint64 nodeId,address gateway,bytes32 key,uint64 issuedAt,bytes32 nonce',
  SessionGrant:
    'uint64 nodeId,address gateway,bytes32 offered,bytes32 key,bytes32 session,uint64 expiresAt',
  Receipt: receiptFields,
  Answer: 'uint64 nodeId,uint256 chainId,bytes32 blockHash,string method,bytes params,bytes value',
} as const
type StatementName = keyof typeof fieldsOf

/** What the node says of one answer. `params` and `value` are ABI-encoded. */
export type AnswerStatement = {
  nodeId: bigint
  chainId: bigint
  blockHash: Hex
  method: string
  params: Hex
  value: Hex
}

/** Signed by a gateway's identity: that it wants a session with a node. */
export function sessionOfferData(domain: RelayDomain, offer: Omit<SessionOffer, 'signature'>) {
  const { nodeId, gateway, key, issuedAt, nonce } = offer
  const message = { nodeId: BigInt(nodeId), gateway, key, issuedAt: BigInt(issuedAt), nonce }
  return statement(domain, 'SessionOffer', message)
}

/** Signed by a node's key: that it has opened the session. */
export function sessionGrantData(domain: RelayDomain, grant: Omit<SessionGrant, 'signature'>) {
  const { nodeId, gateway, offered, key, session, expiresAt } = grant
  const numbers = { nodeId: BigInt(nodeId), expiresAt: BigInt(expiresAt) }
  return statement(domain, 'SessionGrant', { ...numbers, gateway, offered, key, session })
}

/** Signed by both ends. */
export function receiptData(domain: RelayDomain, receipt: Receipt) {
  return statement(domain, 'Receipt', receipt)
}

/** Signed by a node's key. */
export function answerData(domain: RelayDomain, answer: AnswerStatement) {
  return statement(domain, 'Answer', answer)
}

/** A statement with its digest: what is signed. */
export type RelayStatement = {
  /** As viem and wallets take it. */
  typedData: {
    domain: ReturnType<typeof domainOf>
    types: Record<string, { type: string; name: string }[]>
    primaryType: StatementName
    message: Readonly<Record<string, unknown>>
  }
  digest: Uint8Array
}

function statement(
  domain: RelayDomain,
  name: StatementName,
  message: Readonly<Record<string, unknown>>,
): RelayStatement {
  const { typeHash, fields } = types[name]
  const words = fields.map(({ type, name: member }) => wordOf(type, message[member]))
  const hash = keccak(concatBytes([typeHash, ...words]))
  return {
    typedData: {
      domain: domainOf(domain),
      types: { [name]: [...fields] },
      primaryType: name,
      message,
    },
    digest: keccak(concatBytes([eip712Prefix, separatorOf(domain), hash])),
  }
}

const eip712Prefix = Uint8Array.of(0x19, 0x01)
const domainFields =
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const version = '1'

function domainOf({ chainId, registry }: RelayDomain) {
  return { name: receiptDomainName, version, chainId, verifyingContract: registry } as const
}

function typeOf(name: StatementName) {
  const fields = fieldsOf[name].split(',').map((field) => {
    const [type = '', member = ''] = field.split(' ')
    return { type, name: member }
  })
  return { typeHash: keccak(stringToBytes(`${name}(${fieldsOf[name]})`)), fields }
}

const types: Readonly<Record<StatementName, ReturnType<typeof typeOf>>> = {
  SessionOffer: typeOf('SessionOffer'),
  SessionGrant: typeOf('SessionGrant'),
  Receipt: typeOf('Receipt'),
  Answer: typeOf('Answer'),
}

/** A process has one deployment, or few in tests. */
const separators = new WeakMap<RelayDomain, Uint8Array>()

function separatorOf(domain: RelayDomain): Uint8Array {
  const known = separators.get(domain)
  if (known !== undefined) return known
  const made = keccak(
    concatBytes([
      keccak(stringToBytes(domainFields)),
      keccak(stringToBytes(receiptDomainName)),
      keccak(stringToBytes(version)),
      numberWord(BigInt(domain.chainId)),
      wordOf('address', domain.registry),
    ]),
  )
  separators.set(domain, made)
  return made
}

/** One member as EIP-712 encodes it. Members are of the types above. */
function wordOf(type: string, value: unknown): Uint8Array {
  if (typeof value === 'bigint') return numberWord(value)
  const text = String(value)
  if (type === 'string') return keccak(stringToBytes(text))
  const bytes = Uint8Array.fromHex(text.slice(2))
  if (type === 'bytes') return keccak(bytes)
  const word = new Uint8Array(32)
  word.set(bytes, 32 - bytes.length)
  return word
}

function numberWord(value: bigint): Uint8Array {
  const word = new Uint8Array(32)
  const view = new DataView(word.buffer)
  view.setBigUint64(24, value & 0xffff_ffff_ffff_ffffn)
  view.setBigUint64(16, (value >> 64n) & 0xffff_ffff_ffff_ffffn)
  view.setBigUint64(8, (value >> 128n) & 0xffff_ffff_ffff_ffffn)
  view.setBigUint64(0, value >> 192n)
  return word
}
