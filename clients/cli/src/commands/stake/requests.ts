import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { zeroAddress } from 'viem'
import type { Context } from '../../context.ts'
import { formatAnkr, formatDate, leastShares } from '../../economy/amounts.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Fact, Intent } from '../../economy/intent.ts'
import { parseAddress, parseId } from '../../economy/parsing.ts'
import { stakeKinds } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'

const request = { '<request>': 'number of the request; `npx mooring position` lists them' }

export function addRequestCommands(program: Command, context: Context): void {
  addSigningCommand(program, context, {
    name: 'withdraw',
    summary: 'take out stake whose time of unbonding is over',
    description: 'Take out stake whose time of unbonding is over, less what slashing took of it.',
    arguments: request,
    options: { '--to <address>': 'who receives it; else the account that signs' },
    examples: ['npx mooring withdraw 7 --dry-run'],
    intend: intendWithdraw,
  })
  addSigningCommand(program, context, {
    name: 'cancel',
    summary: 'put stake that is unbonding back to work',
    description: 'Put stake that is unbonding back to work, before or after its date.',
    arguments: request,
    examples: ['npx mooring cancel 7 --dry-run'],
    intend: intendCancel,
  })
}

async function intendWithdraw(
  { system, account, nowSeconds }: Signing,
  given: Given,
): Promise<Intent> {
  const found = await readRequest(system, argumentAt(given, 0))
  const to = parseAddress(optionOf(given, 'to') ?? account, 'receiver')
  const call = callPart(system, 'pool', 'withdraw', [found.id, to])
  return {
    what: `Withdraw ${formatAnkr(found.value)}, request ${found.id}`,
    facts: [...factsOf(found, nowSeconds), ['paid to', to]],
    steps: [{ ...call, label: `withdraw request ${found.id}` }],
  }
}

async function intendCancel({ system, nowSeconds }: Signing, given: Given): Promise<Intent> {
  const found = await readRequest(system, argumentAt(given, 0))
  const kind = stakeKinds[found.isSelf ? 'self' : 'delegated']
  const bucket = await readPart(system, 'pool', 'bucketOf', [found.providerId, kind])
  const shares = bucket.active === 0n ? found.value : (found.value * bucket.shares) / bucket.active
  const call = callPart(system, 'pool', 'cancelUnbonding', [found.id, leastShares(shares)])
  return {
    what: `Put ${formatAnkr(found.value)} back behind provider ${found.providerId}`,
    facts: factsOf(found, nowSeconds),
    steps: [{ ...call, label: `cancel request ${found.id}` }],
  }
}

type Request = {
  id: bigint
  providerId: bigint
  isSelf: boolean
  withdrawableAt: bigint
  value: bigint
}

function factsOf({ providerId, isSelf, withdrawableAt }: Request, nowSeconds: bigint): Fact[] {
  return [
    ['from', `provider ${providerId}, ${isSelf ? 'its own stake' : 'a delegation'}`],
    ['can be taken', formatDate(withdrawableAt, nowSeconds)],
  ]
}

/** A request that is open; refuses a number that no open one has. */
async function readRequest(system: System, text: string): Promise<Request> {
  const id = parseId(text, 'request')
  const found = await readPart(system, 'pool', 'requestOf', [id])
  if (found.providerId === 0n) {
    throw new CommandError(
      'badInput',
      `There is no open request ${id}: \`npx mooring position ADDRESS\` lists those there are.`,
    )
  }
  return {
    id,
    providerId: found.providerId,
    isSelf: found.holder === zeroAddress,
    withdrawableAt: found.withdrawableAt,
    value: await readPart(system, 'pool', 'requestValueOf', [id]),
  }
}
