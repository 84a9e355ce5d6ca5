/**
 * One thing that can go wrong, as facts. Code reads the facts; it never branches on a class or a message.
 */
export type Failure = {
  /** JSON-RPC error code sent to the caller, unless the node's own code is kept. */
  jsonRpc: number
  /** HTTP status of a single request; a batch is always 200. */
  http: number
  /** Whether another attempt could help the caller, and where. */
  retry: 'never' | 'elsewhere' | 'later'
  /** Whose record the failure counts against. */
  blame: 'nobody' | 'caller' | 'provider' | 'us'
  /** Whether the relay is metered all the same. */
  charged: boolean
  /**
   * Whether a request can be made so that it ends so once nodes have been asked: free only as long as an account has few
   * of them.
   */
  provocable: boolean
  /** What the caller reads in the reference: what happened and what to do. */
  help: string
}

const answered = {
  http: 200,
  retry: 'never',
  blame: 'nobody',
  charged: true,
  provocable: false,
} as const
const callers = { retry: 'never', blame: 'caller', charged: false, provocable: false } as const
const providers = {
  retry: 'elsewhere',
  blame: 'provider',
  charged: false,
  provocable: true,
} as const

/**
 * Every failure Mooring knows. Standard JSON-RPC and EIP-1474 numbers stand where they exist, 3 is a
 * revert; our own come from -32099…-32049, follow the public product's documented meanings, and are
 * never given a second meaning.
 */
export const failures = {
  EXECUTION_REVERTED: {
    ...answered,
    jsonRpc: 3,
    help: 'The contract reverted. `error.data` holds the revert data exactly as the node returned it.',
  },
  TRANSACTION_REJECTED: {
    ...answered,
    jsonRpc: -32003,
    help: 'The node refused the transaction (nonce, funds, fee, size). Mend it, sign it again and send it.',
  },
  RESOURCE_NOT_FOUND: {
    ...answered,
    jsonRpc: -32001,
    help: 'The block, transaction or state asked for does not exist on the chain, or is not known yet.',
  },
  METHOD_NOT_FOUND: {
    ...answered,
    jsonRpc: -32601,
    help: 'No node of this chain offers the method. Check its spelling and the chain.',
  },
  PARSE_ERROR: {
    ...callers,
    jsonRpc: -32700,
    http: 400,
    help: 'The body is not JSON. Send one JSON-RPC 2.0 object, or an array of them.',
  },
  INVALID_REQUEST: {
    ...callers,
    jsonRpc: -32600,
    http: 400,
    help: 'The body is JSON but not a JSON-RPC 2.0 request. The message names the member that is wrong.',
  },
  INVALID_PARAMS: {
    ...callers,
    provocable: true,
    jsonRpc: -32602,
    http: 400,
    help: 'The parameters do not fit the method. The message names the one that is wrong.',
  },
  METHOD_FORBIDDEN: {
    ...callers,
    jsonRpc: -32053,
    http: 403,
    help: 'The method is not served to your tier, or to anyone: it would steer a node, use its keys or tell where it stands.',
  },
  CHAIN_NOT_FOUND: {
    ...callers,
    jsonRpc: -32052,
    http: 404,
    help: 'No such chain is served here. The page at `/` lists the ones that are.',
  },
  PATH_NOT_FOUND: {
    ...callers,
    jsonRpc: -32600,
    http: 404,
    help: 'The path is not one of ours. Send JSON-RPC to `POST /{chain}` or `POST /{chain}/{key}`.',
  },
  HTTP_METHOD_NOT_ALLOWED: {
    ...callers,
    jsonRpc: -32600,
    http: 405,
    help: 'JSON-RPC is sent with POST. `GET /` is the page, `OPTIONS` answers browsers.',
  },
  MEDIA_TYPE_REFUSED: {
    ...callers,
    jsonRpc: -32600,
    http: 415,
    help: 'Multipart bodies are refused. Send the JSON itself as the body, with any other content type.',
  },
  REQUEST_TOO_LARGE: {
    ...callers,
    provocable: true,
    jsonRpc: -32062,
    http: 413,
    help: 'The body, the batch or its nesting is past a limit. The message names the limit and its value.',
  },
  RANGE_TOO_WIDE: {
    ...callers,
    provocable: true,
    jsonRpc: -32062,
    http: 400,
    help: 'The block range is past the limit of your tier. Ask for the range in smaller parts.',
  },
  ANSWER_TOO_LARGE: {
    ...answered,
    jsonRpc: -32062,
    http: 400,
    help: 'The answer is longer than is passed on, and nodes had to make it all the same. Ask for less: a narrower range, fewer addresses, one transaction in the place of a block.',
  },
  UNAUTHENTICATED: {
    ...callers,
    jsonRpc: -32051,
    http: 401,
    help: 'The key or token is unknown, expired, revoked or sent without what it is bound to. The message says which. Without a key the community endpoint serves you.',
  },
  PAYMENT_REQUIRED: {
    ...callers,
    jsonRpc: -32060,
    http: 402,
    help: 'Nothing is left on the account of this key. Deposit more, and send the request again.',
  },
  KEY_RESTRICTED: {
    ...callers,
    jsonRpc: -32054,
    http: 403,
    help: 'The owner of the key allows it for some origins, addresses, contracts, methods or chains only. The message names the kind that stands against the request.',
  },
  ACCESS_UNKNOWN: {
    retry: 'later',
    blame: 'us',
    charged: false,
    provocable: false,
    jsonRpc: -32093,
    http: 503,
    help: 'Those who could say whose the key is do not answer at the moment. Keys that were used lately go on; send the request again after a pause.',
  },
  LEDGER_AWAY: {
    retry: 'later',
    blame: 'us',
    charged: false,
    provocable: false,
    jsonRpc: -32094,
    http: 503,
    help: 'The ledger that grants credits does not answer, and what was granted before has run out. Nothing is charged; send the request again after a pause, or without a key to the community endpoint.',
  },
  METER_STOPPED: {
    retry: 'later',
    blame: 'us',
    charged: false,
    provocable: false,
    jsonRpc: -32095,
    http: 503,
    help: 'This gateway cannot write down what is used, so it serves no paid requests. Its operator is told; nothing is charged. Send the request again, which may reach another gateway.',
  },
  RATE_LIMITED: {
    ...callers,
    retry: 'later',
    jsonRpc: -32090,
    http: 429,
    help: 'Too many requests. Wait for as long as `Retry-After` says, or use a key of a higher tier.',
  },
  UPSTREAM_TIMEOUT: {
    ...providers,
    jsonRpc: -32071,
    http: 504,
    help: 'No node answered in time. The request may be sent again; a write is safe to send again if signed.',
  },
  UPSTREAM_UNREACHABLE: {
    ...providers,
    jsonRpc: -32059,
    http: 502,
    help: 'The nodes asked could not be reached. Send the request again.',
  },
  UPSTREAM_MALFORMED: {
    ...providers,
    jsonRpc: -32076,
    http: 502,
    help: 'The nodes asked answered with something that is not a valid answer. Send the request again.',
  },
  UPSTREAM_FAILED: {
    ...providers,
    jsonRpc: -32063,
    http: 502,
    help: 'The nodes asked failed while answering. Send the request again.',
  },
  UPSTREAM_THROTTLED: {
    ...providers,
    provocable: false,
    blame: 'nobody',
    retry: 'elsewhere',
    jsonRpc: -32064,
    http: 503,
    help: 'The nodes asked are limiting their rate. Send the request again after a pause.',
  },
  OUTCOME_UNKNOWN: {
    retry: 'never',
    blame: 'nobody',
    charged: false,
    provocable: true,
    jsonRpc: -32092,
    http: 502,
    help: 'The node that was given it did not answer, so it may have been carried out. Look before you send it again.',
  },
  UPSTREAM_REFUSED: {
    ...providers,
    provocable: false,
    jsonRpc: -32057,
    http: 502,
    help: 'The nodes asked refused this gateway. Its operator is told; send the request again.',
  },
  UPSTREAM_BEHIND: {
    ...providers,
    provocable: false,
    blame: 'nobody',
    jsonRpc: -32056,
    http: 503,
    help: 'The nodes asked have not reached the block yet. Send the request again after one block time.',
  },
  BLOCK_UNAVAILABLE: {
    ...providers,
    blame: 'nobody',
    jsonRpc: -32061,
    http: 503,
    help: 'No node here keeps data that old (an archive node is needed), or none has it at the moment.',
  },
  NO_UPSTREAM: {
    retry: 'later',
    blame: 'nobody',
    charged: false,
    provocable: false,
    jsonRpc: -32055,
    http: 503,
    help: 'No node of this chain is fit to serve right now. Send the request again after a pause.',
  },
  INTERNAL: {
    retry: 'later',
    blame: 'us',
    charged: false,
    provocable: false,
    jsonRpc: -32603,
    http: 500,
    help: 'Something broke in the gateway. Report the trace id.',
  },
  OVERLOADED: {
    retry: 'later',
    blame: 'us',
    charged: false,
    provocable: false,
    jsonRpc: -32091,
    http: 503,
    help: 'The gateway has more work than it can take on, or is shutting down. Send the request again.',
  },
} as const satisfies Record<string, Failure>

export type FailureCode = keyof typeof failures

export function failureOf(code: FailureCode): Failure {
  return failures[code]
}
