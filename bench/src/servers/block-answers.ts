import { headBlock } from '../load/block-numbers.ts'

/** Transactions that bring the larger block to about 50 KB. */
const transactionCount = 69

/** Stand where the digits of a block number go. Neither is part of JSON or of a hex number. */
const ownDigits = 'nnnnnnn'
const parentDigits = 'ppppppp'

/** An HTTP answer that holds a block, prepared but for its number. */
export class BlockAnswer {
  readonly bodyBytes: number
  readonly #bytes: Buffer
  readonly #idPlace: number
  readonly #ownPlaces: number[]
  readonly #parentPlaces: number[]

  /** @param idDigits - Digits of the ids it will answer; 1 stands for the id 1. */
  constructor(block: object, idDigits: number) {
    const id = idDigits === 1 ? 1 : 10 ** idDigits - 1
    const body = JSON.stringify({ jsonrpc: '2.0', id, result: block })
    const text = httpAnswer(body)
    this.#idPlace = text.indexOf(`"id":${id}`) + '"id":'.length
    this.bodyBytes = body.length
    this.#bytes = Buffer.from(text, 'latin1')
    this.#ownPlaces = placesOf(text, ownDigits)
    this.#parentPlaces = placesOf(text, parentDigits)
  }

  /**
   * The answer for one block. The next call writes over the same bytes.
   *
   * @param digits - Seven hex digits.
   * @param id - Of as many digits as it was made for.
   */
  bytesFor(digits: string, id: string): Buffer {
    this.#bytes.write(id, this.#idPlace, 'latin1')
    const parent = (Number.parseInt(digits, 16) - 1).toString(16)
    for (const place of this.#ownPlaces) this.#bytes.write(digits, place, 'latin1')
    for (const place of this.#parentPlaces) this.#bytes.write(parent, place, 'latin1')
    return this.#bytes
  }
}

export function httpAnswer(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

export const headDigits = headBlock.toString(16)

/** A block as a node sends it, with the hashes of its transactions left out. */
export function lightBlock(): object {
  return {
    number: `0x${ownDigits}`,
    hash: hashOf(ownDigits),
    parentHash: hashOf(parentDigits),
    stateRoot: `0x${'5a'.repeat(32)}`,
    transactionsRoot: `0x${'6b'.repeat(32)}`,
    receiptsRoot: `0x${'7c'.repeat(32)}`,
    logsBloom: `0x${'04'.repeat(256)}`,
    miner: `0x${'9e'.repeat(20)}`,
    difficulty: '0x0',
    extraData: '0x',
    size: '0x220',
    gasLimit: '0x1c9c380',
    gasUsed: '0x5208',
    timestamp: '0x66000000',
    baseFeePerGas: '0x7',
    transactions: [],
    uncles: [],
  }
}

/** The same with its transactions. */
export function fullBlock(): object {
  return {
    ...lightBlock(),
    transactions: Array.from({ length: transactionCount }, (_, at) => transactionOf(at)),
  }
}

function transactionOf(at: number): object {
  const index = at.toString(16).padStart(2, '0')
  return {
    blockHash: hashOf(ownDigits),
    blockNumber: `0x${ownDigits}`,
    from: `0x${index.repeat(20)}`,
    gas: '0x5208',
    gasPrice: '0x3b9aca07',
    hash: `0x${index.repeat(32)}`,
    input: `0xa9059cbb${index.repeat(64)}`,
    nonce: `0x${at.toString(16)}`,
    to: `0x${'9e'.repeat(20)}`,
    transactionIndex: `0x${at.toString(16)}`,
    value: '0x0',
    type: '0x2',
    chainId: '0x7a69',
    v: '0x1',
    r: `0x${'ab'.repeat(32)}`,
    s: `0x${'cd'.repeat(32)}`,
  }
}

/** Blocks of different numbers have different hashes. */
function hashOf(digits: string): string {
  return `0x${'1d'.repeat(28)}0${digits}`
}

function placesOf(text: string, digits: string): number[] {
  return [...text.matchAll(new RegExp(digits, 'g'))].map(({ index }) => index)
}
