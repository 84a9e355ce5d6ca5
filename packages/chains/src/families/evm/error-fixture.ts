import type { FailedReply, TransportFault } from '../../family.ts'

/** What a node or vendor really answered, or the closest to it that its documentation shows. */
export type Fixture = {
  /** Who answers so. */
  from: string
  method: string
  reply: FailedReply
}

type RpcDetails = { method?: string; status?: number; dataJson?: string }

/** A JSON-RPC error. */
export function rpc(
  from: string,
  code: number,
  message: string,
  details: RpcDetails = {},
): Fixture {
  const { method = 'eth_call', status = 200, dataJson } = details
  return { from, method, reply: { kind: 'error', status, code, message, dataJson } }
}

export function logs(from: string, code: number, message: string, status = 200): Fixture {
  return rpc(from, code, message, { method: 'eth_getLogs', status })
}

/** A look-up: quick, and running no code of the caller's. */
export function look(from: string, code: number, message: string, status = 200): Fixture {
  return rpc(from, code, message, { method: 'eth_getBalance', status })
}

export function send(from: string, code: number, message: string, status = 200): Fixture {
  return rpc(from, code, message, { method: 'eth_sendRawTransaction', status })
}

export function trace(from: string, code: number, message: string, status = 200): Fixture {
  return rpc(from, code, message, { method: 'debug_traceTransaction', status })
}

/** An HTTP answer without JSON-RPC in it. */
export function http(from: string, status: number, text: string, method = 'eth_call'): Fixture {
  return { from, method, reply: { kind: 'http', status, text } }
}

export function broken(fault: TransportFault, method = 'eth_call'): Fixture {
  return { from: 'the transport', method, reply: { kind: 'transport', fault } }
}
