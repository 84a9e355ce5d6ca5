import type { Figures } from '../harness/report.ts'
import { formatFigure } from '../harness/report.ts'
import { figuresTable } from '../harness/table.ts'
import type { Drilled } from './drill.ts'
import { breakNames } from './plan.ts'

const titles: Record<(typeof breakNames)[number], string> = {
  gatewayKill: 'gateways killed',
  zombieStop: 'gateways begun under a name that was taken, the older one stopped',
  zombieKill: 'gateways begun under a name that was taken, the older one killed',
  billingKill: 'billing service killed',
  postgresKill: 'PostgreSQL killed',
  connectionsCut: 'all connections to it cut',
  ledgerAway: 'ledger away for long',
}

export function figuresOf({ verdict: { total }, counts, seconds }: Drilled): Figures {
  const breaks = breakNames.map((name) => [`${name}Count`, counts[name]])
  const { sent, ok, cut, refused, unpaid, charged, lost, twice, replyLost, overdraft } = total
  return {
    ...Object.fromEntries(breaks),
    ...{ sentCount: sent, servedCount: ok, cutCount: cut, refusedCount: refused },
    unpaidCount: unpaid,
    ...{ chargedCount: charged, lostCount: lost, chargedTwiceCount: twice },
    ...{ replyLostCount: replyLost, overdraftCreditsCount: Number(overdraft) },
    sentPerSecond: sent / seconds,
  }
}

export function textOf({ verdict: { total, accounts }, counts, seconds }: Drilled): string {
  const breaks = breakNames.map((name) => [titles[name], String(counts[name])])
  const { sent, ok, cut, refused, unpaid, charged, lost, twice, replyLost, overdraft } = total
  const starved = accounts.filter((each) => each.unpaid > 0).length
  const rows: [string, string][] = [
    ['sent', String(sent)],
    ['served', String(ok)],
    ['refused for want of credits', String(unpaid)],
    ['refused, as the ledger or the gateway could not be reached', String(refused - unpaid)],
    ['connection cut', String(cut)],
    ['charged', String(charged)],
    ['served and not charged', String(lost)],
    ['charged and never served', String(twice)],
    ['charged, reply lost', String(replyLost)],
    ['credits used beyond what was there', String(overdraft)],
  ]
  return `${accounts.length} accounts, ${formatFigure(sent / seconds)} requests a second for ${seconds.toFixed(0)} s; ${starved} accounts came to the end of what they may use
${figuresTable(['what broke', 'times'], breaks)}
${figuresTable(['requests', ''], rows)}
`
}
