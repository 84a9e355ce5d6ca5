import type { LocalAccount } from 'viem'
import { ask, nameOf, newKeyHash, signInAs } from '../accounts.fixtures.ts'

/** The description that a service serves, as far as tests read it. */
export type Operation = {
  operationId: string
  security?: unknown[]
  'x-mooring-permission'?: string | null
  parameters?: { name: string; in: string }[]
  requestBody?: unknown
}
export type Route = { method: string; path: string; operation: Operation }

export async function routesOf(url: string): Promise<Route[]> {
  const { body } = await ask<{ paths: Record<string, Record<string, Operation>> }>(
    url,
    'GET',
    '/v1/openapi.json',
  )
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
}

/** Everything that one account can have, made by its owner. */
export type Estate = {
  token: string
  account: string
  /** What stands in paths, by the names of the parameters. */
  ids: Record<string, string>
}

export async function settle(
  url: string,
  owner: LocalAccount,
  guest: LocalAccount,
): Promise<Estate> {
  const token = await signInAs(url, owner)
  const make = async (path: string, body: object) => {
    const answer = await ask<{ id: string }>(url, 'POST', path, { token, body })
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
    return answer.body.id
  }
  const projectId = await make('/v1/projects', { name: 'site' })
  const keyId = await make(`/v1/projects/${projectId}/keys`, { keyHash: newKeyHash(), name: 'web' })
  const depositId = await make('/v1/deposits', {
    transactionHash: `0x${'ab'.repeat(32)}`,
    logIndex: 1,
  })
  const alertId = await make('/v1/alerts', {
    ...{ channel: 'webhook', asset: 'ankr', threshold: '0' },
    target: 'http://127.0.0.1:9/hook',
  })
  await make('/v1/team', { address: guest.address, role: 'developer' })
  const session = await ask<{ session: { id: string } }>(url, 'GET', '/v1/auth/session', { token })
  return {
    token,
    account: nameOf(owner),
    ids: {
      projectId,
      keyId,
      depositId,
      alertId,
      wallet: nameOf(guest),
      sessionId: session.body.session.id,
    },
  }
}

/** A body that would do something, for every operation that takes one. A new operation needs its line here. */
export function bodyFor(operationId: string, account: string): object | undefined {
  const bodies: Record<string, object> = {
    changeAccount: { title: 'taken over' },
    createProject: { name: 'another' },
    renameProject: { name: 'taken over' },
    createKey: { keyHash: newKeyHash(), name: 'another' },
    changeKey: { name: 'taken over' },
    rotateKey: { keyHash: newKeyHash(), overlapSeconds: 60 },
    storeToken: { token: 'a.b.c' },
    tellDeposit: { transactionHash: `0x${'cd'.repeat(32)}`, logIndex: 0 },
    inviteMember: { address: '0x00000000000000000000000000000000000000aa', role: 'finance' },
    changeRole: { role: 'admin' },
    acceptInvitation: { account },
    leaveTeam: { account },
    confirmAlert: { code: 'x' },
    createKeyAlert: { channel: 'webhook', percent: 80, target: 'http://127.0.0.1:9/other' },
    createAlert: {
      ...{ channel: 'webhook', asset: 'usd', threshold: '0' },
      target: 'http://127.0.0.1:9/other',
    },
  }
  return bodies[operationId]
}

export function pathWith(path: string, ids: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name]
    if (id === undefined) throw new Error(`tests know no ${name}: add one to what an account has`)
    return encodeURIComponent(id)
  })
}
