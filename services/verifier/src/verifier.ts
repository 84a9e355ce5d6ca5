import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccessDomain } from '@mooring/onchain/access-statements'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters, type Meters } from '@mooring/telemetry/meters'
import { type Address, getAddress, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createApi } from './api.ts'
import { readChainSeconds } from './chain/head.ts'
import { createSources } from './chain/sources.ts'
import { createChainView, readVerifiers } from './chain/view.ts'
import { type Channel, createChannel } from './channel/channel.ts'
import { introduce, openIdentity } from './channel/identity.ts'
import { createPeers } from './channel/peers.ts'
import type { VerifierConfig } from './config.ts'
import { createDepositChecks } from './deposits/check.ts'
import { createEvents, type Events } from './events.ts'
import { Group } from './group/group.ts'
import { createKeyFiles } from './group/key-files.ts'
import { createMembership, type Membership } from './group/membership.ts'
import { type AdminApi, createAdminApp } from './http/admin.ts'
import { createPublicApp, type PublicApi } from './http/public.ts'
import { startServer } from './http/server.ts'
import { answerPeer } from './peer-desk.ts'
import { createSettlement } from './settlement/settlement.ts'
import { issue } from './signing/coordinator.ts'
import { createExaminer } from './signing/examiner.ts'
import { createParticipant } from './signing/participant.ts'
import { termsOf } from './signing/terms.ts'
import { runPruning } from './state/prune.ts'
import { openStore } from './state/store.ts'
import { createTokens } from './tokens/tokens.ts'
import { runUpkeep } from './tokens/upkeep.ts'
import { startWatch } from './tokens/watch.ts'

export type Verifier = {
  url: string
  adminUrl: string
  address: Address
  stop(signal: string): Promise<void>
}

/** Wires a verifier and starts it. Throws when a port is taken or the data folder cannot be used. */
export async function startVerifier(
  config: VerifierConfig,
  deployment: Deployment,
  clock: Clock = systemClock,
): Promise<Verifier> {
  const meters = createMeters()
  const events = createEvents(createLogger('verifier', config.logLevel), meters, clock.nowMs)
  const self = await openSelf(config, deployment, clock)
  const { account, domain, sources, store } = self
  const membership = createMembership(() => readVerifiers(sources, deployment), {
    clock,
    onError: (error) => events.failed('reading the set of verifiers', error),
  })
  const group = await Group.open({
    ...{ domain, account, clock, membership, ask: self.peers.ask },
    files: createKeyFiles(join(config.dataFolder, 'keys')),
    publishAheadSeconds: config.publishAheadSeconds,
    tokenLifeSecondsMax: config.fullLifeSeconds,
    onWaiting: events.keyWaits,
    onKey: events.keyMade,
    onEnded: events.keyEnded,
    onError: (error) => events.failed('making a key', error),
  })
  const signing = createSigning(config, deployment, { self, group, membership, clock, events })
  const { participant, tokens, terms } = signing
  const settlement = openSettlement(config, deployment, { self, clock, events })
  const desk = { group, participant, tokens, membership, broke: events.broke }
  const api = createApi({
    ...{ config, deployment, account, clock, group, store, events, membership, ...signing },
    settlement,
    introduce: self.introduce,
    async hear(text) {
      const message = await self.channel.open(text)
      const answer = await answerPeer(desk, message)
      return (await self.channel.seal(answer, message.from, message.id)).text
    },
  })
  const servers = startServers(config, { api, group, meters, events })
  const { url, adminUrl } = servers
  const { address } = account
  const stopping = new AbortController()
  const pollMs = config.watchIntervalMs
  const watch = startWatch({
    ...{ sources, deployment, domain, account, store, clock, events, pollMs },
    tokenLifeSecondsMax: config.fullLifeSeconds,
  })
  const upkeep = {
    ...{ address, peers: self.peers.addresses, clock, terms, tokens, ...store },
    members: () => group.signingKey?.members ?? [],
    hasEnded: (kid: string) => group.hasEnded(kid),
    ask: self.peers.ask,
    onError: events.failed,
  }
  const { signal } = stopping
  const pruning = {
    ...{ store, clock },
    chainSeconds: () => readChainSeconds(sources),
    onError: (error: unknown) => events.failed('forgetting what is over', error),
  }
  const loops = [
    ...[membership.run(signal), group.run(signal), runPruning(pruning, signal)],
    ...runUpkeep(upkeep, signal),
  ]
  events.started({ url, adminUrl, address })
  return {
    ...{ url, adminUrl, address },
    async stop(signal) {
      events.stopping(signal)
      stopping.abort()
      await servers.stop()
      await Promise.all([
        ...[...loops, watch[Symbol.asyncDispose]()],
        settlement?.[Symbol.asyncDispose](),
      ])
      store.close()
      events.stopped()
    },
  }
}

type Self = Awaited<ReturnType<typeof openSelf>>

/** Who this verifier is, what it keeps, and whom it can talk to. */
async function openSelf(config: VerifierConfig, { chainId, parts }: Deployment, clock: Clock) {
  const { dataFolder } = config
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  // The configuration has checked its form.
  const account = privateKeyToAccount(config.signerKey as Hex)
  const domain: AccessDomain = { chainId, ankrEscrow: parts.ankrEscrow }
  const identity = await openIdentity(join(dataFolder, 'channel-keys.json'))
  const peerAddresses = config.peers.map(({ address, url }) => ({
    address: getAddress(address),
    url: url.replace(/\/$/, ''),
  }))
  const peers = createPeers(peerAddresses, {
    ...{ domain, clock, timeoutMs: config.peerTimeoutMs },
    channel: () => channel,
  })
  const { address } = account
  const channel: Channel = await createChannel({ address, identity, clock, keysOf: peers.keysOf })
  const questionTimeoutMs = config.sourceTimeoutMs
  const sources = createSources({ urls: config.sources, chainId, questionTimeoutMs, clock })
  const introduceMyself = (nonce: string) => introduce(domain, identity, { account, nonce })
  const store = openStore(dataFolder)
  return { account, domain, channel, peers, sources, introduce: introduceMyself, store }
}

/** Undefined where the operator has named no billing service. */
function openSettlement(
  { settlement, depthBlocks }: VerifierConfig,
  deployment: Deployment,
  { self, clock, events }: { self: Self; clock: Clock; events: Events },
) {
  if (settlement === undefined) return undefined
  const { account, sources, store } = self
  const signatures = store.settlements
  const context = { ...settlement, sources, deployment, signatures, depthBlocks }
  return createSettlement(context, { account, clock, events })
}

/** From a wish to a token. */
function createSigning(
  config: VerifierConfig,
  deployment: Deployment,
  {
    self,
    group,
    membership,
    clock,
    events,
  }: {
    self: Self
    group: Group
    membership: Membership
    clock: Clock
    events: Events
  },
) {
  const { account, domain, peers, sources, store } = self
  const { address } = account
  const checks = createDepositChecks(sources, { deployment, depthBlocks: config.depthBlocks })
  const chain = createChainView(sources, checks)
  const terms = termsOf(config, deployment)
  const keyOf = (kid: string) => group.keyOf(kid)
  const { hourlyTokensMax } = config.rate
  const examiner = createExaminer({ domain, account, clock, chain, hourlyTokensMax, ...store })
  const isMember = membership.has
  const signing = { domain, terms, clock, examiner, keyOf, isMember, hourlyTokensMax, ...store }
  const participant = createParticipant(signing)
  const coordination = {
    ...{ domain, terms, clock, examiner, participant, address, isMember },
    signingKey: () => group.signingKey,
    ask: peers.ask,
    onCheat: events.cheated,
    failures: new Map<Address, number>(),
  }
  const tokens = createTokens({
    ...{ domain, examiner, keyOf, hasEnded: (kid: string) => group.hasEnded(kid), clock, ...store },
    ...{ terms, hourlyTokensMax },
    issue: (request) => issue(coordination, request),
    share(grant) {
      for (const peer of peers.addresses) {
        // Who misses it asks for it by itself.
        peers.ask(peer, { kind: 'grant', grant }).catch(() => undefined)
      }
    },
  })
  return { checks, terms, examiner, participant, tokens }
}

function startServers(
  config: VerifierConfig,
  { api, group, meters, events }: { api: PublicApi; group: Group; meters: Meters; events: Events },
) {
  const publicServer = startServer(createPublicApp(api), config.listen)
  const admin: AdminApi = {
    isReady: api.isReady,
    metrics: () => meters.render(),
    broke: events.broke,
    rotate: () => group.rotate(),
    endAtOnce: (kid?: string) => group.endAtOnce(kid),
  }
  const adminServer = startServer(createAdminApp(admin), config.admin)
  return {
    url: publicServer.url,
    adminUrl: adminServer.url,
    stop: async () => void (await Promise.all([publicServer.stop(), adminServer.stop()])),
  }
}
