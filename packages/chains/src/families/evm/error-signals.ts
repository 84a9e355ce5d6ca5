import { type ErrorSignal, logSearches, quickOnly, sends } from './error-signal.ts'
import { nodeTexts } from './error-texts-nodes.ts'
import { executionTexts, paramsTexts } from './error-texts-requests.ts'
import { transactionTexts } from './error-texts-transactions.ts'
import { vendorTexts } from './error-texts-vendors.ts'

const timeoutStatuses = [408, 499, 504, 522, 524]
const gatewayStatuses = [502, 503, 520, 521, 523, 525, 526, 527, 530]
const html = ['^<']

/** The transport failed. */
export const faultSignals: readonly ErrorSignal[] = [
  { class: 'TRANSPORT_UNREACHABLE', fault: 'unreachable' },
  { class: 'TRANSPORT_LOST', fault: 'lost' },
  { class: 'TIMEOUT', fault: 'timeout', deadlines: quickOnly },
  { class: 'EXECUTION_TIMEOUT', fault: 'timeout' },
  { class: 'MALFORMED_ANSWER', fault: 'malformed' },
  { class: 'OVERSIZED_ANSWER', fault: 'oversized' },
]

/** HTTP without JSON-RPC, before anything else is read of it. */
export const httpSignals: readonly ErrorSignal[] = [
  { class: 'RATE_LIMIT', phrases: ['^error code: 1015', 'you are being rate limited'] },
  { class: 'RATE_LIMIT', statuses: [403, 503], phrases: ['too many request', 'rate limit'] },
  { class: 'REQUEST_BLOCKED', statuses: [403], phrases: html },
  {
    class: 'REQUEST_BLOCKED',
    phrases: [
      '^error code: 1006',
      '^error code: 1010',
      '^error code: 1020',
      '<title>just a moment',
    ],
  },
  { class: 'BAD_GATEWAY', statuses: [404, 410, 500, 501, ...gatewayStatuses] },
  { class: 'BAD_GATEWAY', statuses: [200, 301, 302, 307, 308, 400], phrases: html },
]

/** By HTTP status, for a body that says nothing better. */
export const statusSignals: readonly ErrorSignal[] = [
  { class: 'RATE_LIMIT', statuses: [429] },
  { class: 'BILLING', statuses: [402] },
  { class: 'UNAUTHORISED', statuses: [401] },
  { class: 'TIMEOUT', statuses: timeoutStatuses, deadlines: quickOnly },
  { class: 'EXECUTION_TIMEOUT', statuses: timeoutStatuses },
  { class: 'METHOD_UNSUPPORTED', statuses: [405, 415] },
  { class: 'RANGE_TOO_LARGE', statuses: [413], methods: logSearches },
  { class: 'BODY_TOO_LARGE', statuses: [413] },
]

/** HTTP without JSON-RPC whose words no row knows. */
export const httpLastSignals: readonly ErrorSignal[] = [
  { class: 'REQUEST_BLOCKED', statuses: [403] },
  { class: 'MALFORMED_ANSWER', statuses: [200] },
]

/** JSON-RPC errors whose words no row knows. */
export const codeSignals: readonly ErrorSignal[] = [
  // Besu gives a send that its sender cannot pay the number that others give to a missing method.
  { class: 'FUNDS', codes: [-32004], methods: sends },
  { class: 'METHOD_UNSUPPORTED', codes: [-32601, -32604, -32004, -32612, -32613] },
  { class: 'RANGE_TOO_LARGE', codes: [-32614] },
  { class: 'RATE_LIMIT', codes: [429, -32605] },
  { class: 'BILLING', codes: [-32607] },
  { class: 'UNAUTHORISED', codes: [-40100, -32606] },
  { class: 'TRANSACTION_REFUSED', codes: [-32003], methods: sends },
  { class: 'INVALID_PARAMS_GENERIC', codes: [-32602, -32600] },
  { class: 'UPSTREAM_PARSE_ERROR', codes: [-32700] },
  { class: 'REQUEST_BLOCKED', statuses: [403] },
  // Without 500: some nodes send it with each JSON-RPC error, the caller's included.
  { class: 'BAD_GATEWAY', statuses: gatewayStatuses },
]

/** By words, and by the few codes that mean one thing on every EVM node. */
export const textSignals: readonly ErrorSignal[] = [
  ...executionTexts,
  ...vendorTexts,
  ...nodeTexts,
  ...transactionTexts,
  ...paramsTexts,
]
