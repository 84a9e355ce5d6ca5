import { z } from '@hono/zod-openapi'
import { type Account, loadAccount, recordOf, saveAccount } from '@mooring/store/accounts'
import type { Database } from '@mooring/store/database'
import type { Role } from '@mooring/store/team'
import { notFound } from '../../refusal.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { accountName, amount, amountText, id, label, role, seconds, secondsOf } from '../schemas.ts'

const account = z
  .object({
    account: accountName,
    premiumId: id,
    title: z.string(),
    tier: z.enum(['community', 'premium', 'enterprise']),
    status: z.enum(['active', 'exhausted', 'frozen']),
    credit: z.object({ ankr: amount, usd: amount }).openapi({
      description: 'What is left to pay with, in base units: unused, and not asked out.',
    }),
    createdAt: seconds,
    role: role.openapi({ description: 'Your role in it.' }),
  })
  .openapi('Account')

const accountChange = z
  .strictObject({
    title: label.or(z.literal('')).optional(),
    isFrozen: z
      .boolean()
      .optional()
      .openapi({ description: 'Stops every key and token of the account.' }),
  })
  .openapi('AccountChange')

export function addAccountRoutes(app: App, { accountRoute }: Guards, database: Database): void {
  const load = async (name: string, role: Role) => {
    const found = await loadAccount(database.sql, name)
    if (found === undefined) throw notFound('account')
    return accountView(found, role)
  }

  const getRoute = accountRoute('account:read', {
    method: 'get',
    path: '/v1/account',
    operationId: 'getAccount',
    summary: 'The account.',
    tags: ['account'],
    responses: { 200: json('It, and what it is good for.', account) },
  })
  app.openapi(getRoute, async (context) => {
    const { account, role } = context.get('caller')
    return context.json(await load(account, role), 200)
  })

  const changeRoute = accountRoute('account:write', {
    method: 'patch',
    path: '/v1/account',
    operationId: 'changeAccount',
    summary: 'Changes its title, freezes or thaws it.',
    tags: ['account'],
    request: { body: body(accountChange) },
    responses: { 200: json('The account as it is now.', account) },
  })
  app.openapi(changeRoute, async (context) => {
    const { account, role } = context.get('caller')
    const { title, isFrozen } = context.req.valid('json')
    const status =
      isFrozen === undefined ? {} : ({ status: isFrozen ? 'frozen' : 'active' } as const)
    await saveAccount(database.sql, account, {
      ...(title === undefined ? {} : { title }),
      ...status,
    })
    return context.json(await load(account, role), 200)
  })
}

function accountView(account: Account, role: Role) {
  const { tier, status } = recordOf(account)
  const { name, premiumId, title, credit, createdAtMs } = account
  return {
    ...{ account: name, premiumId, title, tier, status, role },
    credit: { ankr: amountText(credit.ankr), usd: amountText(credit.usd) },
    createdAt: secondsOf(createdAtMs),
  }
}
