/** `GET /v1/meter` of the admin port. */
export type MeterReport = {
  /**
   * serving: requests are served for credits. ledgerAway: the ledger does not answer, and what was leased has run out.
   * cannotWrite: the log takes no frames. fenced: another process has begun under this instance's name; this one serves
   * nothing for credits until it is started again. noPrices: the table of prices that the chain names is not here.
   */
  state: 'serving' | 'ledgerAway' | 'cannotWrite' | 'fenced' | 'noPrices'
  instance: string
  /** Null until the ledger has given it a number. */
  epoch: number | null
  /** How long the leases hold if the ledger says nothing more. */
  leaseMs: number
  /** Written to the log, and known to be in the ledger's books. */
  frames: { stored: number; confirmed: number }
  /** Of the log's present file. */
  logBytes: number
  /** Hash of the table in force, as the ledger has told. */
  prices: string | null
  /** Null where no reply waits for copies. The witnesses as they are configured, and the frames that each has or need not have. */
  copies: { min: number; witnesses: { answers: boolean; frames: number }[] } | null
  purses: { held: number; waitingRequests: number }
}
