import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainDefinition } from '@mooring/chains/chain'
import { createReader } from '@mooring/onchain/clients'
import type { System } from '@mooring/onchain/contracts'
import type { Deployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { relayDomainOf } from '@mooring/onchain/relay-statements'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { startServer } from '@mooring/settings/app-server'
import { holdDirectory } from '@mooring/settings/held-directory'
import { systemClock } from '@mooring/telemetry/clock'
import type { Logger } from '@mooring/telemetry/logger'
import { startLoop } from '@mooring/telemetry/loop'
import { createMeters } from '@mooring/telemetry/meters'
import { type Hex, stringToHex } from 'viem'
import { AnswerSigner } from './answers/answer-signer.ts'
import { FinalBlocks } from './answers/final-blocks.ts'
import { type ChainTerms, readTerms } from './chain/terms.ts'
import type { AgentConfig } from './config.ts'
import { createEvents, type Events } from './events.ts'
import { type AgentReport, createAdminApp } from './http/admin-app.ts'
import { startPublicServer } from './http/public-server.ts'
import { ReceiptDesk } from './receipts/receipt-desk.ts'
import { Tariffs } from './receipts/tariffs.ts'
import { type Node, openNode } from './relays/node.ts'
import { RelayDesk } from './relays/relay-desk.ts'
import { SessionDesk } from './sessions/session-desk.ts'
import { Sessions } from './sessions/sessions.ts'

export type Agent = AsyncDisposable & {
  /** Where gateways connect. */
  url: string
  adminUrl: string
  stop(signal: string): Promise<void>
}

/** A configuration with the files that it names. */
export type AgentSettings = {
  config: AgentConfig
  deployment: Deployment
  chains: readonly ChainDefinition[]
  privateKey: Hex
}

const clock = systemClock
/** How often what is old is looked for. */
const sweepMs = 1_000
const dayMs = 86_400_000

/** Starts an agent. Throws `UnusableDirectory`, and where a port is taken. */
export async function startAgent(
  { config, deployment, chains, privateKey }: AgentSettings,
  { logger }: { logger: Logger },
): Promise<Agent> {
  const meters = createMeters()
  const events = createEvents(logger, meters)
  const signer = createDigestSigner(privateKey)
  const domain = relayDomainOf(deployment)
  await using undo = new AsyncDisposableStack()
  mkdirSync(config.directory, { recursive: true, mode: 0o700 })
  undo.defer(holdDirectory(config.directory, 'directory'))
  const book = new ReceiptBook(join(config.directory, 'receipts.sqlite'))
  undo.defer(() => book.close())
  const nodes = chains.map((definition) => {
    // The names of the chains are those of the configuration.
    const node = openNode(definition, config.chains[definition.name]!, { config, clock })
    undo.defer(() => node.client.close())
    return node
  })
  const sessions = new Sessions({ clock, events, chains: chains.map(({ name }) => name) })
  const system = {
    reader: createReader({ url: config.rpc, chainId: deployment.chainId }),
    deployment,
  }
  const view = startView(system, { config, sessions, events, own: signer.address })
  undo.defer(() => view.stop())
  const sweep = startSweep({ config, sessions, book, events })
  undo.defer(() => sweep.stop())
  const own = { domain, signer, clock, events }
  const server = startPublicServer({
    ...{ config, nodes, events },
    relays: new RelayDesk({
      ...{ config, sessions, clock, events },
      signer: new AnswerSigner({
        ...own,
        nodeId: config.nodeId,
        finalBlocks: finalBlocksOf(nodes),
      }),
    }),
    sessions: new SessionDesk({ ...own, config, sessions, terms: view.terms }),
    receipts: new ReceiptDesk({
      ...{ ...own, sessions, book, nodeId: BigInt(config.nodeId) },
      tariffs: new Tariffs(view.terms),
      nodes: new Map(nodes.map((node) => [stringToHex(node.definition.name, { size: 32 }), node])),
    }),
  })
  undo.defer(() => server.stop())
  const report = () => reportOf({ config, signer, sessions, book, terms: view.terms() })
  const isReady = () => view.terms() !== undefined
  const admin = startServer(createAdminApp({ meters, isReady, report }), {
    ...{ ...config.admin, bodyBytesMax: 1_024 },
    broken: { contentType: 'application/json', body: '{"error":"something broke here"}' },
  })
  undo.defer(() => admin.stop())
  const addresses = { url: server.url, adminUrl: admin.url }
  events.started({ ...addresses, nodeId: config.nodeId, signer: signer.address })
  const running = undo.move()
  const stop = async (signal: string) => {
    events.stopping(signal)
    await running.disposeAsync()
  }
  return { ...addresses, stop, [Symbol.asyncDispose]: () => stop('disposal') }
}

function finalBlocksOf(nodes: readonly Node[]): Map<string, FinalBlocks> {
  return new Map(nodes.map((node) => [node.definition.name, new FinalBlocks(node, clock)]))
}

type View = {
  /** Undefined while what was read is too old. */
  terms: () => ChainTerms | undefined
  stop(): Promise<void>
}

type ViewContext = { config: AgentConfig; sessions: Sessions; events: Events; own: string }

/** Follows the contracts, and ends the sessions of gateways that have left their set. */
function startView(system: System, { config, sessions, events, own }: ViewContext): View {
  let terms: ChainTerms | undefined
  const loop = startLoop({
    pauseMs: config.chainPollMs,
    clock,
    onError: (error) => events.failed('reading the contracts', error),
    async round() {
      const before = terms
      terms = await readTerms(system, BigInt(config.nodeId), clock)
      const { nodeKey: registered = 'none' } = terms
      const isNews = registered !== (before?.nodeKey ?? own)
      if (isNews) events.wrongKey({ nodeId: config.nodeId, registered, own })
      sessions.review(terms.gateways, config.unprovenSeconds * 1_000)
    },
  })
  return {
    terms: () =>
      terms === undefined || clock.nowMs() - terms.readMs > config.chainStaleMs ? undefined : terms,
    stop: () => loop.stop(),
  }
}

type SweepContext = { config: AgentConfig; sessions: Sessions; book: ReceiptBook; events: Events }

/** Gives up what is too old: sessions, relays without a receipt, and once a day what is in the book. */
function startSweep({ config, sessions, book, events }: SweepContext) {
  let prunedMs = Number.NEGATIVE_INFINITY
  return startLoop({
    pauseMs: sweepMs,
    clock,
    onError: events.broke,
    async round() {
      sessions.review(undefined, config.unprovenSeconds * 1_000)
      const before = clock.nowMs() / 1_000 - config.unprovenSeconds
      for (const { served } of sessions.all()) {
        for (const [chain, relays] of served) events.unaccepted(chain, relays.forget(before))
      }
      if (clock.nowMs() - prunedMs < dayMs) return
      prunedMs = clock.nowMs()
      book.prune(Math.floor((clock.wallMs() - config.keptDays * dayMs) / 1_000))
    },
  })
}

function reportOf({
  config,
  signer,
  sessions,
  book,
  terms,
}: {
  config: AgentConfig
  signer: { address: string }
  sessions: Sessions
  book: ReceiptBook
  terms: ChainTerms | undefined
}): AgentReport {
  return {
    nodeId: config.nodeId,
    signer: signer.address,
    isRegistered: terms === undefined ? null : terms.nodeKey === signer.address,
    epoch: terms?.epoch.toString() ?? null,
    sessions: sessions.all().map(({ gateway, served }) => ({
      gateway,
      unproven: Object.fromEntries([...served].map(([chain, { size }]) => [chain, size])),
    })),
    receipts: book.totals(),
  }
}
