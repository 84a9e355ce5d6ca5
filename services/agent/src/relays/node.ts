import type { ChainDefinition } from '@mooring/chains/chain'
import { familyOf } from '@mooring/chains/families'
import { type HttpClient, openHttpClient } from '@mooring/http-client/client'
import { requestText } from '@mooring/protocol/relays/request-text'
import type { Clock } from '@mooring/telemetry/clock'
import type { AgentConfig } from '../config.ts'
import { MethodBook } from './served-relays.ts'

/** The node behind the agent, for one chain. */
export type Node = {
  definition: ChainDefinition
  client: HttpClient
  methods: MethodBook
  /** Asks something of the agent's own. @returns The result; undefined where there is none. */
  ask(method: string, params: readonly unknown[]): Promise<unknown>
}

/** An own question is a small one. */
const askTimeoutMs = 5_000
/** Ids have as many digits as those of gateways. */
const firstId = 1_000_000

export function openNode(
  definition: ChainDefinition,
  { url, headers }: AgentConfig['chains'][string],
  { config, clock }: { config: AgentConfig; clock: Clock },
): Node {
  const { policyOf } = familyOf(definition.family)
  const client = openHttpClient({
    url: new URL(url),
    headers,
    connectionsMax: config.inFlightMax,
    answerBytesMax: config.answerBytesMax,
    clock,
  })
  const mayRepeat = (name: string) => {
    const { effect, idempotent } = policyOf(name)
    return effect === 'read' || idempotent
  }
  let id = firstId
  return {
    definition,
    client,
    methods: new MethodBook(mayRepeat),
    async ask(method, params) {
      const body = requestText({ method, params }, ++id)
      const reply = await client.post({ body, timeoutMs: askTimeoutMs, repeatable: true })
      if (!reply.ok || reply.status !== 200) return undefined
      return resultOf(reply.text)
    },
  }
}

/** The result in an answer; undefined where it is none. */
export function resultOf(text: string): unknown {
  try {
    return Object(JSON.parse(text)).result
  } catch {
    return undefined
  }
}
