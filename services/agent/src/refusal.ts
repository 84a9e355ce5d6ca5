import {
  type ReceiptRefusal,
  type Refused,
  receiptRefusals,
  type SessionRefusal,
  sessionRefusals,
} from '@mooring/protocol/relays/sessions'

/** What an agent says no to, in words for the operator of the gateway. */
export class Refusal<Code extends SessionRefusal | ReceiptRefusal> extends Error {
  override name = 'Refusal'
  readonly code: Code

  constructor(code: Code, detail: string) {
    super(detail)
    this.code = code
  }

  get status(): number {
    return { ...sessionRefusals, ...receiptRefusals }[this.code].http
  }

  get body(): Refused {
    return { error: this.code, detail: this.message }
  }
}
