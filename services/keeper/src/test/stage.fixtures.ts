import type { Hex, Keccak } from '@mooring/market/settlement/bytes'
import { encodeChargeFile, parseChargeFile } from '@mooring/market/settlement/charge-file'
import { smallInputs } from '@mooring/market/settlement/epoch.fixtures'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import {
  createEpochFile,
  encodeEpochFile,
  parseEpochFile,
} from '@mooring/market/settlement/epoch-file'
import type { ChargeLeaf } from '@mooring/market/settlement/plain-tree'
import { escrowOf, readRootsBack } from '@mooring/onchain/charge-roots'
import { readPart, type System } from '@mooring/onchain/contracts'
import { openKeccak } from '@mooring/onchain/keccak'
import { chargeRootData, epochData } from '@mooring/onchain/signed'
import {
  type SettlementAnswer,
  type SettlementWish,
  settlementPaths,
} from '@mooring/protocol/settlement/signing-wire'
import { systemClock } from '@mooring/telemetry/clock'
import type { LogFields, Logger } from '@mooring/telemetry/logger'
import { chainId, oneAnkr, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { membersOf, player, privateKeyOf } from '@mooring/testkit/economy/people'
import type { Address, LocalAccount } from 'viem'
import { configSchema, type KeeperConfigFile } from '../config.ts'
import { type Keeper, startKeeper } from '../keeper.ts'

export const keccak: Keccak = await openKeccak()

/** Short, as tests wait for them. */
export const shortIntervals = {
  ...{ chargesMs: 50, feesMs: 50, epochsMs: 50, upkeepMs: 50, backoffMsMax: 400 },
}

/** What a test waits for, with room for a slow machine. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  for (const endMs = performance.now() + timeoutMs; ; await Bun.sleep(20)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > endMs) throw new Error(`${what} did not come`)
  }
}

/** Serves files as a billing service does. */
export function serveFiles() {
  const files = new Map<string, string>()
  const server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', development: false },
    fetch(request) {
      const content = files.get(new URL(request.url).pathname)
      return new Response(content ?? '{"error":"none"}', {
        status: content === undefined ? 404 : 200,
      })
    },
  })
  return {
    files,
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
export type ServedFiles = ReturnType<typeof serveFiles>

/** In the place of a verifier's own answer. */
export type Behaviour = (
  answer: SettlementAnswer,
  wish: SettlementWish,
) => SettlementAnswer | Response | Promise<SettlementAnswer | Response>

/** Signs whatever file it is asked about, as a verifier with that key does when all is well with it. */
export function serveVerifier(system: System, files: ServedFiles, key: LocalAccount) {
  const honest: Behaviour = (answer) => answer
  const state = { behave: honest, asked: 0 }
  const server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', development: false },
    async fetch(request) {
      state.asked++
      const wish = (await request.json()) as SettlementWish
      const signature = await sign(system, files, { wish, key })
      const found = await state.behave({ state: 'signed', signer: key.address, signature }, wish)
      return found instanceof Response ? found : Response.json(found)
    },
  })
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  })
}
export type ServedVerifier = ReturnType<typeof serveVerifier>

async function sign(
  { deployment }: System,
  { files }: ServedFiles,
  { wish, key }: { wish: SettlementWish; key: LocalAccount },
): Promise<Hex> {
  const bytesOf = (path: string) => new TextEncoder().encode(files.get(path))
  if (wish.kind === 'charge-root') {
    const { file, roots } = parseChargeFile(
      bytesOf(settlementPaths.chargeFile(wish.dataHash)),
      keccak,
    )
    const statement = { ...roots, rootId: BigInt(wish.rootId), periodEnd: file.periodEnd }
    return key.signTypedData(chargeRootData(deployment, escrowOf[wish.asset], statement))
  }
  const { roots } = parseEpochFile(bytesOf(settlementPaths.epochFile(wish.dataHash)), keccak)
  return key.signTypedData(epochData(deployment, { ...roots, attempt: BigInt(wish.attempt) }))
}

/** A chain with the economy, and around it all that a keeper speaks to. */
export async function openStage() {
  await using stack = new AsyncDisposableStack()
  const chain = stack.use(await openDepositChain())
  const { system, anvil } = chain
  const files = stack.use(serveFiles())
  const verifiers = membersOf('verifier').map((key) => stack.use(serveVerifier(system, files, key)))
  const logger = recordingLogger()
  const kept = stack.move()
  return {
    ...{ chain, system, files, verifiers, logger },
    /** @param number - Of the player whose key it has. */
    startKeeper(number: number, config: Partial<KeeperConfigFile> = {}): Promise<Keeper> {
      const whole = configSchema.parse({
        listen: { port: 0 },
        // Read already.
        ...{ deployment: 'none', key: { file: 'none', password: '' } },
        ...{ rpcUrl: anvil.url, billingUrl: files.url, verifiers: verifiers.map(({ url }) => url) },
        ...{ ankrMin: '0.000001', intervals: shortIntervals, patienceMs: 2_000 },
        ...config,
      })
      const privateKey = privateKeyOf(player(number))
      const settings = { config: whole, deployment: system.deployment, privateKey }
      return startKeeper(settings, { clock: systemClock, logger })
    },
    async passTime(seconds: number | bigint): Promise<void> {
      await anvil.ask('evm_increaseTime', [Number(seconds)])
      await anvil.mine(1)
    },
    /** Publishes what the billing service would make for the escrow's next root. */
    async publishCharges(leaves: readonly ChargeLeaf[], { asset = 'ankr' as AssetName } = {}) {
      const made = await makeCharges(system, leaves, asset)
      const { file, text, roots } = made
      files.files.set(settlementPaths.chargeFileOf(asset, file.rootId), text)
      files.files.set(settlementPaths.chargeFile(roots.dataHash), text)
      return made
    },
    /** Publishes the newest epoch that has ended, by which all that was funded goes to two providers. */
    async publishEpoch() {
      const made = await makeEpoch(system)
      files.files.set(settlementPaths.newestEpochFile, made.text)
      files.files.set(settlementPaths.epochFile(made.file.roots.dataHash), made.text)
      return made
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
export type Stage = Awaited<ReturnType<typeof openStage>>

export const leafOf = (account: Address, ankr: bigint): ChargeLeaf => ({
  // Lower case leaves it what it is.
  ...{ account: account.toLowerCase() as Hex, life: 0, total: ankr * oneAnkr },
})

async function makeCharges(system: System, given: readonly ChargeLeaf[], asset: AssetName) {
  const part = escrowOf[asset]
  const { number, hash, timestamp } = await system.reader.getBlock()
  const count = await readPart(system, part, 'chargeRootCount', [])
  const back = { asset, count, at: { blockHash: hash } }
  const { value: newest } = await readRootsBack(system, back).next()
  const leaves = [...given].sort((one, other) => (one.account < other.account ? -1 : 1))
  const file = {
    version: 1,
    deployment: { chainId, escrow: system.deployment.parts[part].toLowerCase() as Hex },
    ...{ asset, rootId: count + 1n, periodEnd: timestamp, state: { block: number, hash } },
    previous: newest?.dataHash ?? null,
    leaves,
  } as const
  return { file, ...encodeChargeFile(file, keccak) }
}

async function makeEpoch(system: System) {
  const { number: block, hash } = await system.reader.getBlock()
  const number = (await readPart(system, 'params', 'currentEpoch', [])) - 1n
  const lowerCase = (name: keyof typeof system.deployment.parts) =>
    system.deployment.parts[name].toLowerCase() as Hex
  const fundedTotal = await readPart(system, 'distributor', 'fundedTotal', [])
  const file = createEpochFile(
    {
      ...smallInputs,
      deployment: {
        ...{ chainId, registry: lowerCase('registry'), epochs: lowerCase('epochs') },
        ...{ distributor: lowerCase('distributor'), ankrEscrow: lowerCase('ankrEscrow') },
        stableEscrow: lowerCase('stableEscrow'),
      },
      epoch: { ...smallInputs.epoch, number },
      state: { block, hash, fundedTotal },
      previous: null,
    },
    keccak,
  )
  return { file, text: encodeEpochFile(file) }
}

/** Keeps lines that somebody would have to look at. */
function recordingLogger(): Logger & {
  errors: [string, LogFields | undefined][]
  warnings: string[]
} {
  const errors: [string, LogFields | undefined][] = []
  const warnings: string[] = []
  return {
    ...{ isDebug: false, errors, warnings, debug() {}, info() {} },
    warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
    error: (message, fields) => void errors.push([message, fields]),
  }
}
