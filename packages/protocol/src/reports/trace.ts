/** `GET /v1/traces/{traceId}` of the admin port: what happened to one request. */
export type TraceReport = {
  traceId: string
  chain: string
  method: string
  atMs: number
  totalMs: number
  /**
   * Where the answer came from: `upstream`, `local`, `cache` (kept from an earlier one), `joined` (an
   * identical request in flight), `refused`.
   */
  source: string
  /** `ok`, or the failure code the caller received. */
  result: string
  attempts: AttemptReport[]
}

export type AttemptReport = {
  upstream: string
  /** Why this upstream was asked: `first`, `failover`, `hedge`, `second opinion`, `next block`, `look-up`. */
  reason: string
  startedMs: number
  tookMs: number
  /** `ok`, `null`, `outrun` (another attempt answered first), or the class of its error. */
  outcome: string
  detail: string
}
