/** What the accounts service refuses, as problem documents (RFC 9457), and whether asking again could help. */
export const accountProblems = {
  MALFORMED: { http: 400, retry: 'never' },
  NOT_SIGNED_IN: { http: 401, retry: 'never' },
  SIGN_IN_REFUSED: { http: 401, retry: 'never' },
  CROSS_SITE: { http: 403, retry: 'never' },
  NOT_ALLOWED: { http: 403, retry: 'never' },
  NOT_FOUND: { http: 404, retry: 'never' },
  NAME_TAKEN: { http: 409, retry: 'never' },
  KEY_TAKEN: { http: 409, retry: 'never' },
  ALREADY_THERE: { http: 409, retry: 'never' },
  KEY_REVOKED: { http: 409, retry: 'never' },
  LAST_OWNER: { http: 409, retry: 'never' },
  FOUNDING_WALLET: { http: 409, retry: 'never' },
  TOO_MANY: { http: 409, retry: 'never' },
  BODY_TOO_LARGE: { http: 413, retry: 'never' },
  TOKEN_REFUSED: { http: 422, retry: 'never' },
  ADDRESS_REFUSED: { http: 422, retry: 'never' },
  CODE_REFUSED: { http: 422, retry: 'never' },
  RATE_LIMITED: { http: 429, retry: 'later' },
  CHAIN_UNREACHABLE: { http: 503, retry: 'later' },
  VERIFIERS_UNREACHABLE: { http: 503, retry: 'later' },
  INTERNAL: { http: 500, retry: 'later' },
} as const satisfies Record<string, { http: number; retry: 'never' | 'later' }>
export type AccountProblemCode = keyof typeof accountProblems

/** RFC 9457. */
export type AccountProblem = {
  type: string
  title: string
  status: number
  code: AccountProblemCode
  detail: string
  /** Seconds, where waiting helps. */
  retryAfterSeconds?: number
}
