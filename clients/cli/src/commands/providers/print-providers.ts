import type {
  NetworkProvider,
  NetworkProviderDetail,
  NetworkProviders,
} from '@mooring/protocol/reports/network'
import { formatDate } from '../../economy/amounts.ts'
import type { Fact } from '../../economy/intent.ts'
import { factLines } from '../../economy/signing.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import { ankr, ppm } from './figures.ts'

const right = (title: string): Column => ({ title, align: 'right' })
const left = (title: string): Column => ({ title, align: 'left' })

const columns: readonly Column[] = [
  ...[right('PROVIDER'), left('NAME'), right('NODES'), right('OWN STAKE'), right('DELEGATED')],
  ...[right('COMMISSION'), right('QUALITY'), right('EARNED'), right('APR'), right('MISSED')],
]
const nodeColumns = [right('NODE'), left('STATUS'), left('TYPE'), left('REGION'), left('CHAINS')]
const epochColumns: readonly Column[] = [
  ...[right('EPOCH'), left('STATE'), right('EARNED'), right('TO DELEGATORS')],
  ...[left('QUALITY'), left('MISSED')],
]
const missedWords = { 'no-relays': 'no relays', 'no-quality': 'quality 0' } as const

export function printProviders({
  providers,
  known,
  total,
}: Pick<NetworkProviders, 'providers' | 'known' | 'total'>): string {
  if (providers.length === 0) return 'There are no providers yet.\n'
  const left = known < total ? `Of ${total} providers, these ${known} are told of.\n` : ''
  return formatTable(columns, providers.map(rowOf)) + left
}

function rowOf(one: NetworkProvider): string[] {
  return [
    ...[one.id, one.name ?? '–', `${one.nodes.active} of ${one.nodes.total}`],
    ...[ankr(one.selfStake), ankr(one.delegated), commissionOf(one), ppm(one.qualityPpm)],
    ...[ankr(one.earned), ppm(one.aprPpm), String(one.missedEpochs)],
  ]
}

export function printProvider(one: NetworkProviderDetail): string {
  const now = BigInt(one.at.seconds)
  const facts: Fact[] = [
    ['name', one.name ?? 'none on chain'],
    ['owner', one.owner],
    ['rewards go to', one.rewardsTo],
    ['commission', commissionOf(one)],
    ['own stake', ankr(one.selfStake)],
    ['delegated', `${ankr(one.delegated)}, of which ${ankr(one.countedDelegation)} earn`],
    ['carries at most', ankr(one.delegationCap)],
    [
      'APR',
      `${ppm(one.aprPpm)} on stake that earned, ${ppm(one.delegatedAprPpm)} on all delegated`,
    ],
    ['missed epochs', `${one.missedEpochs} of ${one.epochs.length}`],
    [
      'jailed until',
      one.jailedUntil === null ? 'not jailed' : formatDate(BigInt(one.jailedUntil), now),
    ],
  ]
  const nodes = one.nodeList.map(({ id, status, type, region, chains }) => [
    ...[id, status, type, region || '–', chains.join(', ')],
  ])
  const epochs = one.epochs.map(({ epoch, state, earned, split, work, missed }) => [
    ...[epoch, state, ankr(earned), ankr(split?.toDelegators ?? null)],
    work.map(({ chain, qualityPpm }) => `${chain} ${ppm(qualityPpm)}`).join(', ') || '–',
    missed === null ? '' : missedWords[missed],
  ])
  const nodeTable = nodes.length === 0 ? 'No nodes yet.\n' : formatTable(nodeColumns, nodes)
  const record =
    epochs.length === 0 ? 'No epoch has been closed yet.\n' : formatTable(epochColumns, epochs)
  return `Provider ${one.id}\n${factLines(facts)}\n${nodeTable}\n${record}`
}

function commissionOf({ commissionPpm, announcedCommission }: NetworkProvider): string {
  if (announcedCommission === null) return ppm(commissionPpm)
  const { ppm: to, fromEpoch } = announcedCommission
  return `${ppm(commissionPpm)}, ${ppm(to)} from epoch ${fromEpoch}`
}
