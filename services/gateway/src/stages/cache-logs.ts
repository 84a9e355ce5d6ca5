import type { LogSearch } from '@mooring/chains/family'
import type { AnswerStore, StoredAnswer } from '../cache/answer-store.ts'
import {
  chunkOf,
  joinLists,
  type LogItem,
  logItemsOf,
  logsJsonOf,
  type Piece,
  piecesOf,
  runsOf,
} from '../cache/log-pieces.ts'
import type { Answering, Exchange, RpcAnswer, Stage } from '../exchange.ts'
import type { Outcome } from '../relay/outcome.ts'

type Range = { from: number; to: number }

/** To take a longer answer apart would hold up everybody else. */
const keptLengthMax = 4 * 1_048_576

/**
 * Keeps searches for logs in aligned parts below the final block, so that searches which overlap share
 * them, and asks upstreams only for the parts that are missing.
 */
export function cacheLogs(store: AnswerStore): Stage {
  return (exchange, next) => {
    const { chain, request } = exchange
    const search = chain.family.logSearchOf(request)
    const pieces = search && piecesOf(search, chain.keptBlock)
    const isKept = search !== undefined && pieces !== undefined && !exchange.wantsSignature
    if (!isKept) return next(exchange)
    return new Search(exchange, search, { pieces, store, next }).answer()
  }
}

class Search {
  readonly #exchange: Exchange
  readonly #search: LogSearch
  readonly #pieces: readonly Piece[]
  readonly #store: AnswerStore
  readonly #next: (part: Exchange) => Answering
  readonly #scope: string
  /** What each piece is answered with, once that is known. */
  readonly #lists = new Map<Piece, string>()

  constructor(
    exchange: Exchange,
    search: LogSearch,
    parts: {
      pieces: readonly Piece[]
      store: AnswerStore
      next: (part: Exchange) => Answering
    },
  ) {
    this.#exchange = exchange
    this.#search = search
    this.#pieces = parts.pieces
    this.#store = parts.store
    this.#next = parts.next
    this.#scope = exchange.chain.scope
  }

  async answer(): Promise<RpcAnswer> {
    for (const piece of this.#pieces) {
      const list = piece.mayKeep ? await this.#find(piece) : undefined
      if (list !== undefined) this.#lists.set(piece, list)
    }
    const runs = runsOf(this.#pieces, (piece) => !this.#lists.has(piece))
    if (runs.length === 0) {
      this.#exchange.source = 'cache'
      return { kind: 'result', resultJson: joinLists(this.#ordered()) }
    }
    const answers = await Promise.all(runs.map((run) => this.#fetch(run)))
    // All or nothing: a list with a hole in it would be taken for the whole.
    const failed = answers.find(({ kind }) => kind === 'error')
    const [only] = answers
    const isWhole = runs.length === 1 && this.#isWhole(runs[0])
    if (failed !== undefined || only === undefined || isWhole)
      return failed ?? only ?? this.#next(this.#exchange)
    const blocks = answers.flatMap((answer) =>
      answer.kind === 'result' ? (answer.block ?? []) : [],
    )
    return {
      kind: 'result',
      resultJson: joinLists(this.#parts(runs, answers)),
      block: blocks.length === 0 ? undefined : Math.max(...blocks),
    }
  }

  #isWhole(run: Range | undefined): boolean {
    return run?.from === this.#search.from && run.to === this.#search.to
  }

  /** What was found and what was fetched, in the order of the blocks. */
  #parts(runs: readonly Range[], answers: readonly RpcAnswer[]): string[] {
    const fetched = runs.map(({ from }, at) => {
      const answer = answers[at]
      return { from, list: answer?.kind === 'result' ? answer.resultJson : '[]' }
    })
    const found = [...this.#lists].flatMap(([{ from }, list]) =>
      runs.some((run) => from >= run.from && from <= run.to) ? [] : [{ from, list }],
    )
    return [...fetched, ...found].sort((a, b) => a.from - b.from).map(({ list }) => list)
  }

  #ordered(): string[] {
    return this.#pieces.map((piece) => this.#lists.get(piece) ?? '[]')
  }

  /** A piece as it was kept, or cut out of its whole chunk. */
  async #find(piece: Piece): Promise<string | undefined> {
    const exact = await this.#read(piece)
    if (exact !== undefined) return exact
    const chunk = chunkOf(piece.from)
    const whole = await this.#read(chunk)
    const items = whole === undefined ? undefined : logItemsOf(whole, chunk)
    return items && logsJsonOf(items, piece)
  }

  async #read(range: Range): Promise<string | undefined> {
    const found = this.#store.get(this.#keyOf(range))
    const stored: StoredAnswer | undefined = found instanceof Promise ? await found : found
    return stored?.answer.kind === 'result' ? stored.answer.resultJson : undefined
  }

  async #fetch(run: Range): Promise<RpcAnswer> {
    const request = this.#search.over(run.from, run.to)
    const need = this.#exchange.chain.family.blockNeedOf(request)
    const part = { ...this.#exchange, request, need }
    const answer = await this.#next(part)
    this.#noteRelay(part)
    const outcome = part.relayed?.answer
    if (answer.kind === 'result' && outcome !== undefined && this.#mayKeep(outcome)) {
      this.#keep(run, answer.resultJson, { keepsEmpty: outcome.upstream.type === 'archive' })
    }
    return answer
  }

  /** What was relayed for the parts is what was relayed for the whole. */
  #noteRelay({ relayed, source }: Exchange): void {
    const before = this.#exchange.relayed
    this.#exchange.source = source
    if (relayed === undefined) return
    this.#exchange.relayed = {
      isRepeatable: relayed.isRepeatable,
      answer: relayed.answer,
      outcomes: [...(before?.outcomes ?? []), ...relayed.outcomes],
      outrun: [...(before?.outrun ?? []), ...relayed.outrun],
      accepted: [
        ...(before?.accepted ?? []),
        ...(relayed.answer === undefined ? [] : [relayed.answer]),
      ],
    }
  }

  #mayKeep({ verdict }: Outcome): boolean {
    const { chain } = this.#exchange
    return verdict.kind === 'ok' && !verdict.strayed && chain.scope === this.#scope
  }

  /** @param options.keepsEmpty - Whether a part without logs is believed to have none. */
  #keep(run: Range, resultJson: string, { keepsEmpty }: { keepsEmpty: boolean }): void {
    if (resultJson.length > keptLengthMax) return
    const items: LogItem[] | undefined = logItemsOf(resultJson, run)
    if (items === undefined) return
    for (const piece of this.#pieces) {
      if (!piece.mayKeep || piece.from < run.from || piece.to > run.to) continue
      const answer: RpcAnswer = { kind: 'result', resultJson: logsJsonOf(items, piece) }
      if (answer.resultJson === '[]' && !keepsEmpty) continue
      this.#store.put(this.#keyOf(piece), { answer })
    }
  }

  #keyOf({ from, to }: Range): string {
    return `${this.#scope} ${this.#search.key}@${from}-${to}`
  }
}
