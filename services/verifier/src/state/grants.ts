import type { Database } from 'bun:sqlite'
import { parseToken } from '@mooring/protocol/access/token'
import type { DepositFacts, TokenRequest } from '@mooring/protocol/access/verifier-wire'

/** A wish for a token that this verifier found to be right, and the newest token made for it. */
export type Grant = {
  /** Place in this verifier's order; raised when something about the grant changes. */
  seq: number
  jti: string
  request: TokenRequest
  facts: DepositFacts
  /** `seen`: no token of it is known here. */
  stage: 'seen' | 'capped' | 'full'
  /** Undefined for bearers, which only their owner has. */
  token: string | undefined
  /** SHA-256 of the access key it is bound to, as base64url. */
  keyHash: string | undefined
  issuedAt: number
  expiresAt: number
}

/** As much of a grant as is looked at every second. */
export type LivingGrant = Pick<Grant, 'jti' | 'facts' | 'stage' | 'expiresAt'> & {
  keyCommitment: TokenRequest['keyCommitment']
  /** When its wallet signed the wish. */
  wishedAt: number
  hasToken: boolean
  /** Of the key that its token is signed with; undefined where there is none. */
  kid: string | undefined
}

export type Grants = {
  find(jti: string): Grant | undefined
  /** All whose token is bound to the key: those of the deposit that came first in front, the newest of each first. */
  findByKey(keyHash: string): Grant[]
  /** Adds a grant, or replaces what is known of it. Both give it a new place. */
  put(grant: Omit<Grant, 'seq'>): void
  after(seq: number, limit: number): Grant[]
  /** The newest place; 0 where there is none. */
  last(): number
  /** Those whose token has not run out, or of which none is known yet. */
  living(nowSeconds: number): LivingGrant[]
  /** How many wishes of an account were signed since then. */
  countOf(account: string, sinceSeconds: number): number
  /** Forgets those that ran out before. */
  forgetExpired(beforeSeconds: number): void
}

type Row = {
  seq: number
  jti: string
  request: string
  facts: string
  stage: Grant['stage']
  token: string | null
  key_hash: string | null
  issued_at: number
  expires_at: number
}

export function createGrants(database: Database): Grants {
  const rows = (sql: string, ...values: (string | number)[]) =>
    (database.query(sql).all(...values) as Row[]).map(grantOf)
  const living = new Map(
    rows('select * from grants').map((grant): [string, LivingGrant] => [grant.jti, lifeOf(grant)]),
  )
  return {
    find: (jti) => rows('select * from grants where jti = ?1', jti)[0],
    findByKey: (keyHash) =>
      rows(
        `select * from grants where key_hash = ?1 and token is not null
         order by json_extract(facts, '$.blockNumber'), json_extract(facts, '$.logIndex'),
           issued_at desc, seq desc
         limit 64`,
        keyHash,
      ),
    put(grant) {
      replace(database, grant)
      living.set(grant.jti, lifeOf(grant))
    },
    after: (seq, limit) =>
      rows('select * from grants where seq > ?1 order by seq limit ?2', seq, limit),
    last: () => numberFrom(database, 'select max(seq) as number from grants'),
    living: (nowSeconds) => [...living.values()].filter(({ expiresAt }) => expiresAt > nowSeconds),
    countOf: (account, sinceSeconds) =>
      numberFrom(
        database,
        'select count(*) as number from grants where account = ?1 and wished_at >= ?2',
        account.toLowerCase(),
        sinceSeconds,
      ),
    forgetExpired(beforeSeconds) {
      database.query('delete from grants where expires_at < ?1').run(beforeSeconds)
      for (const { jti, expiresAt } of living.values()) {
        if (expiresAt < beforeSeconds) living.delete(jti)
      }
    },
  }
}

function replace(database: Database, grant: Omit<Grant, 'seq'>): void {
  const { jti, request, facts, stage, token, keyHash, issuedAt, expiresAt } = grant
  database.transaction(() => {
    database.query('delete from grants where jti = ?1').run(jti)
    database
      .query(
        `insert into grants
           (jti, account, wished_at, request, facts, stage, token, key_hash, issued_at, expires_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
      )
      .run(
        jti,
        request.account.toLowerCase(),
        request.issuedAt,
        JSON.stringify(request),
        JSON.stringify(facts),
        stage,
        token ?? null,
        keyHash ?? null,
        issuedAt,
        expiresAt,
      )
  })()
}

function numberFrom(database: Database, sql: string, ...values: (string | number)[]): number {
  const row = database.query(sql).get(...values) as { number: number | null }
  return row.number ?? 0
}

function lifeOf(grant: Omit<Grant, 'seq'>): LivingGrant {
  const { jti, facts, stage, expiresAt, request, token } = grant
  const { keyCommitment, issuedAt: wishedAt } = request
  const hasToken = token !== undefined
  const parsed = token === undefined ? undefined : parseToken(token)
  const kid = parsed?.ok ? parsed.token.kid : undefined
  return { jti, facts, stage, expiresAt, keyCommitment, wishedAt, hasToken, kid }
}

/** What was written here is read back as it was. */
function grantOf(row: Row): Grant {
  return {
    seq: row.seq,
    jti: row.jti,
    request: JSON.parse(row.request) as TokenRequest,
    facts: JSON.parse(row.facts) as DepositFacts,
    stage: row.stage,
    token: row.token ?? undefined,
    keyHash: row.key_hash ?? undefined,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  }
}
