/**
 * What a gateway and the *agent* before a node say to each other. A gateway opens a session with
 * `POST /mooring/v1/sessions`: it sends a `SessionOffer`, and gets a `SessionGrant` or a `Refused`. From then on each request
 * it relays bears the session's token in one header whose value stays the same, so that nothing is computed for a
 * request. The token is a secret of both ends: it is derived from the X25519 keys in offer and grant and never sent before.
 *
 * Numbers that may be large are decimal strings; keys, hashes and signatures are `0x` and hexadecimal digits.
 */

export type Hex = `0x${string}`

export const agentPaths = {
  sessions: '/mooring/v1/sessions',
  receipts: '/mooring/v1/receipts',
} as const

/** Names of headers between consumer, gateway and agent, in lower case. */
export const relayHeaders = {
  /** The token of the session, on everything a gateway sends but offers and proposals. */
  session: 'x-mooring-session',
  /** `1` on questions of the gateway's own, such as for the head: they are answered and never paid. */
  probe: 'x-mooring-probe',
  /** `1`: sign the answer, if it is one that can be signed. A consumer's wish, or a sample of the gateway's. */
  sign: 'x-mooring-sign',
  /** The signed answer beside the response; see `SignedAnswer`. */
  answer: 'x-mooring-answer',
} as const

/** `POST /mooring/v1/sessions`: signed by the gateway as EIP-712 typed data; see `sessionOfferData`. */
export type SessionOffer = {
  nodeId: string
  /** Of the gateway's identity, a member of the set of gateways on chain. */
  gateway: Hex
  /** X25519 public key, made for this offer alone. */
  key: Hex
  /** Seconds since 1970. */
  issuedAt: number
  /** 32 bytes of chance; an agent takes each once. */
  nonce: Hex
  signature: Hex
}

/** Signed by the node's key over the keys of both ends; see `sessionGrantData`. */
export type SessionGrant = {
  nodeId: string
  gateway: Hex
  /** The key of the offer. */
  offered: Hex
  /** X25519 public key of the agent, made for this session alone. */
  key: Hex
  /** Names the session: it follows from both keys and the nonce, so that neither end chooses it alone. */
  session: Hex
  /** Seconds since 1970. The session ends then, and the gateway opens another one before. */
  expiresAt: number
  signature: Hex
}

/** A session lives for so long at the most. */
export const sessionSecondsMax = 3_600
/** So far the clocks of both ends may differ. */
export const sessionLeewaySeconds = 30

/** Anything an agent says no to, with the HTTP status of its code. */
export type Refused = { error: SessionRefusal | ReceiptRefusal; detail: string }

/** Why no session is opened. */
export const sessionRefusals = {
  /** The body is no offer. */
  malformed: { http: 400 },
  /** It is for another node. */
  'other-node': { http: 409 },
  /** Its time is too far from the agent's. */
  'wrong-time': { http: 409 },
  /** The signature is not that of the gateway it names. */
  'wrong-signature': { http: 403 },
  /** No member of the set of gateways, as the agent reads the chain. */
  'no-member': { http: 403 },
  /** The agent does not know at present who is a member. */
  'chain-away': { http: 503 },
  /** The nonce was used. */
  replayed: { http: 409 },
} as const satisfies Record<string, { http: number }>
export type SessionRefusal = keyof typeof sessionRefusals

/** Why a receipt is not signed. */
export const receiptRefusals = {
  /** The body is no proposal, or one over the limits. */
  malformed: { http: 400 },
  /** There is no such session here any more; what it was not paid for is lost with it. */
  'no-session': { http: 410 },
  /** The receipt names another node, another gateway or another chain than the session has. */
  'other-session': { http: 409 },
  /** The signature is not that of the gateway of the session. */
  'wrong-signature': { http: 403 },
  /** Another receipt of this number is signed, or a number is left out. */
  'wrong-number': { http: 409 },
  /** The sums do not go on from the receipt before. */
  'wrong-sums': { http: 409 },
  /** A leaf of a relay that was not served in this session, or has a receipt already. */
  'unknown-leaf': { http: 409 },
  /** The root or the accumulator does not follow from the leaves. */
  'wrong-root': { http: 409 },
  /** Another table of prices than that of the epoch, or one that is not known here. */
  'wrong-tariff': { http: 409 },
  /** Other credits than the table of prices gives for what was served. */
  'wrong-credits': { http: 409 },
  /** The epoch is not the one of now, nor next to it. */
  'wrong-epoch': { http: 409 },
  /** The agent cannot read the chain, or cannot write down what it signs: the same may be proposed later. */
  later: { http: 503 },
} as const satisfies Record<string, { http: number }>
export type ReceiptRefusal = keyof typeof receiptRefusals
