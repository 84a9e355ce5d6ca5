import { familyOf } from '@mooring/chains/families'
import type { Signable } from '@mooring/chains/family'
import type { DigestSigner } from '@mooring/onchain/digest-signer'
import { answerData, type RelayDomain } from '@mooring/onchain/relay-statements'
import { answerHeader } from '@mooring/protocol/relays/answers'
import { paramsOf } from '@mooring/protocol/relays/request-text'
import type { Hex } from '@mooring/protocol/relays/sessions'
import type { Events } from '../events.ts'
import { type Node, resultOf } from '../relays/node.ts'
import type { FinalBlocks } from './final-blocks.ts'

export type Answered = { method: string; body: string; paramsAt: number; text: string }

export type AnswerSignerContext = {
  nodeId: string
  domain: RelayDomain
  signer: DigestSigner
  /** Of each chain, by its name. */
  finalBlocks: ReadonlyMap<string, FinalBlocks>
  events: Events
}

/** Signs answers with the node's key, of those methods whose answers a contract could check. */
export class AnswerSigner {
  readonly #context: AnswerSignerContext

  constructor(context: AnswerSignerContext) {
    this.#context = context
  }

  /** @returns The value of the header; undefined where the answer is none that is signed. */
  async sign(node: Node, answered: Answered): Promise<string | undefined> {
    const header = await this.#headerOf(node, answered)
    this.#context.events.signed(header === undefined ? 'notSignable' : 'signed')
    return header
  }

  async #headerOf(node: Node, { method, body, paramsAt, text }: Answered) {
    const { nodeId, domain, signer } = this.#context
    const { family, chainId } = node.definition
    const request = { id: null, method, params: paramsOf(body, paramsAt) }
    const signable = familyOf(family).signableOf(request)
    const read = signable?.read(resultOf(text))
    if (signable === undefined || read === undefined || typeof chainId !== 'number')
      return undefined
    const blockHash = await this.#blockHashOf(node, signable)
    // A node that has answered for another block than the one it says is final answers wrongly: nothing to sign.
    if (blockHash === undefined || (read.blockHash ?? blockHash) !== blockHash) return undefined
    const { params } = signable
    const { value } = read
    const numbers = { nodeId: BigInt(nodeId), chainId: BigInt(chainId) }
    const statement = answerData(domain, { ...numbers, blockHash, method, params, value })
    const signature = signer.sign(statement.digest)
    const words = { nodeId, chainId: String(chainId) }
    return answerHeader({ ...words, blockHash, method, params, value, signature })
  }

  /** A block that is named by its number may be signed for once no other one can take its place. */
  async #blockHashOf({ definition }: Node, { block }: Signable): Promise<Hex | undefined> {
    if (block.kind === 'hash') return block.hash
    return this.#context.finalBlocks.get(definition.name)?.hashOf(block.number)
  }
}
