import { shownText } from '@mooring/protocol/shown-text'
import type { Context } from '../../context.ts'
import { CommandError } from '../../exit-codes.ts'
import { exchange, isRecord, parseJson } from '../../http.ts'
import { type Location, unreachable } from '../../locations.ts'
import { writeJson } from '../../terminal/json.ts'

/** Longer than anything that is told of a network; a stranger's words end there. */
const textCharactersMax = 300

/** @param path - Of `/v1/network`. Throws with what the service said when it refuses. */
export async function askNetwork<T extends { at: unknown }>(
  context: Context,
  billing: Location,
  path: string,
): Promise<T> {
  const reply = await exchange(context, `${billing.url}/v1/network${path}`)
  if (!reply.ok) throw unreachable('billing', billing, reply.detail)
  const answer = cleaned(parseJson(reply.text))
  if (!isRecord(answer)) throw notBilling(billing)
  if (reply.status !== 200) {
    if (typeof answer.error !== 'string') throw notBilling(billing)
    const exit = reply.status === 503 ? 'unreachable' : 'badInput'
    throw new CommandError(exit, `The billing service refused: ${answer.error}.`)
  }
  if (!isRecord(answer.at)) throw notBilling(billing)
  // `at` tells it from a stranger on the same port; whoever prints it finds out if the rest is not as it should be.
  return answer as T
}

/** For people, or for programs. */
export function printAnswer<T>(
  context: Context,
  { billing, answer, json }: { billing: Location; answer: T; json: boolean },
  print: (answer: T) => string,
): void {
  if (json) {
    writeJson(context, answer)
    return
  }
  let text: string
  try {
    text = print(answer)
  } catch (cause) {
    throw notBilling(billing, cause)
  }
  context.stdout.write(text)
}

function notBilling({ url, origin }: Location, cause?: unknown): CommandError {
  return new CommandError(
    'unexpected',
    `What answers at ${url} (from ${origin}) is no billing service that tells of its network.`,
    { cause },
  )
}

/** Names and regions are somebody else's words on a terminal. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value, textCharactersMax)
  if (Array.isArray(value)) return value.map(cleaned)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cleaned(member)]))
}
