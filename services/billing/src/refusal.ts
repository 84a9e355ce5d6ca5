/** What this service refuses on purpose, and the status it is answered with. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: 400 | 401 | 404 | 409 | 503

  /** @param message - What is wrong and what to do; it holds no secret. */
  constructor(status: Refusal['status'], message: string) {
    super(message)
    this.status = status
  }
}
