import type { RpcParams } from '../json-rpc/request.ts'
import { endOfPlainValue, isPlain } from '../plain-json.ts'

/**
 * What a gateway sends to a node: always in this one form. An agent takes no other, so that the method it prices is the one
 * that the node reads, whatever the node makes of members that stand twice or in other letters.
 */
export function requestText(
  { method, params }: { method: string; params: RpcParams },
  id: number,
): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`
}

const head =
  /^\{"jsonrpc":"2\.0","id":[0-9]{1,16},"method":"([A-Za-z0-9_.]{1,128})","params":(?=[[{])/

/** @returns The method, and where the parameters begin; undefined where the text has another form. */
export function readRequestText(text: string): { method: string; paramsAt: number } | undefined {
  const found = head.exec(text)
  if (found === null) return undefined
  const paramsAt = found[0].length
  return isOneValue(text, paramsAt) ? { method: found[1] ?? '', paramsAt } : undefined
}

/** The parameters of a text that was read. */
export function paramsOf(text: string, paramsAt: number): RpcParams {
  return JSON.parse(text.slice(paramsAt, -1))
}

/** Whether nothing but one value stands between there and the brace at the end. */
function isOneValue(text: string, at: number): boolean {
  if (!text.endsWith('}')) return false
  if (isPlain(text) && endOfPlainValue(text, at) === text.length - 1) return true
  try {
    JSON.parse(text.slice(at, -1))
    return true
  } catch {
    return false
  }
}
