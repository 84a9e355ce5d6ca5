/**
 * What gateways learn of keys from the accounts service, over a listener of its own with an operator's credential as
 * `Authorization: Bearer …`:
 * `GET /v1/gateway/keys/{keyHash}` answers a `KeyRecord`, or 404;
 * `GET /v1/gateway/accounts/{CAIP-10, percent-encoded}` answers an `AccountAnswer`, or 404;
 * `GET /v1/gateway/changes?after=CURSOR&waitMs=N` answers `AccessChanges` at once when something has changed since, and
 * by then. Without `after` it answers the cursor of now.
 */

export type AccessTier = 'community' | 'premium' | 'enterprise'

/** One key of a project. The key itself is known to its owner alone. */
export type KeyRecord = {
  /** What usage is counted by: it stays the same when the key is rotated. A UUID. */
  id: string
  /** SHA-256 of `projectKeyInput`, as base64url. */
  keyHash: string
  /** As CAIP-10: whose deposit it is used on. */
  account: string
  /** What stands in logs and metrics in place of the key. */
  name: string
  status: 'active' | 'frozen' | 'revoked'
  /** Seconds since 1970. */
  expiresAt: number | null
  restrictions: KeyRestrictions
  /** Most that may be used in a day (UTC), in credits as a decimal string. */
  creditsPerDayMax: string | null
}

/** A list that is empty allows everything. */
export type KeyRestrictions = {
  /** Hosts that a browser's `Origin` may name; `*.example.org` for all below one. */
  origins: string[]
  /** IP addresses and CIDR blocks. */
  addresses: string[]
  /** Contracts that a request may be about, as 0x and 40 lower case digits. */
  contracts: string[]
  /** Methods; `eth_*` for all that begin so. */
  methods: string[]
  /** Names of chains. */
  chains: string[]
}

/**
 * What a gateway must know of an account besides its token. What it may use follows from its token and from agreements
 * that the gateway's operator has signed, never from `tier`, which is for show.
 */
export type AccountRecord = {
  account: string
  tier: AccessTier
  /** `exhausted`: nothing is left to pay requests with. `frozen`: stopped by its owner or the operator. */
  status: 'active' | 'exhausted' | 'frozen'
}

/**
 * `tokens`: access tokens bound to a key that the account's clients have left there, newest first. The gateway verifies
 * one by itself before it takes any key of the account.
 */
export type AccountAnswer = { record: AccountRecord; tokens: string[] }

/** One thing that changed, newest last. A gateway forgets what it has of it and asks again when it is used. */
export type AccessChange = { kind: 'key'; keyHash: string } | { kind: 'account'; account: string }

/** `reset`: the cursor is too old to say what has changed; the gateway forgets all it has. */
export type AccessChanges = { cursor: string; reset: boolean; changes: AccessChange[] }
