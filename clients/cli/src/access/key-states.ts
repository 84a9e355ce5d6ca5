import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { isRecord } from '../http.ts'
import { askAccounts, listIn } from './accounts-service.ts'
import type { KeyFile, Registration } from './key-file.ts'
import { projectKeyHashOf } from './key-material.ts'
import { loadSession } from './session.ts'

/**
 * What a project key is at the accounts service now. `replaced`: the service has another key in its place. `unknown`: it
 * could not be asked.
 */
export type KeyState = 'active' | 'frozen' | 'expired' | 'revoked' | 'replaced' | 'unknown'

/** By the name of the key; keys that are no project's have none. `problems` say why some are unknown. */
export type KeyStates = { states: ReadonlyMap<string, KeyState>; problems: readonly string[] }

/**
 * Asks the accounts service for the states of project keys, one question for each project. That it cannot be asked is
 * told and no more: what is kept here can be shown without it.
 */
export async function fetchKeyStates(
  context: Context,
  keys: readonly KeyFile[],
): Promise<KeyStates> {
  const states = new Map<string, KeyState>()
  const problems = new Set<string>()
  const projects = new Map<string, readonly Record<string, unknown>[] | undefined>()
  for (const key of keys) {
    const { registration } = key
    if (registration === undefined) continue
    const place = `${registration.accounts} ${registration.projectId}`
    if (!projects.has(place)) {
      const found = await fetchProject(context, registration)
      projects.set(place, typeof found === 'string' ? undefined : found)
      if (typeof found === 'string') problems.add(found)
    }
    const known = projects.get(place)
    states.set(key.name, known === undefined ? 'unknown' : stateAmong(known, key, Date.now()))
  }
  return { states, problems: [...problems] }
}

/** @returns The keys of a project, or why they could not be had. */
async function fetchProject(
  context: Context,
  { accounts, projectId }: Registration,
): Promise<readonly Record<string, unknown>[] | string> {
  try {
    const session = loadSession(context)
    // A session is sent nowhere but to where it was had.
    if (session?.accounts !== accounts || session.endsAt * 1_000 <= Date.now()) {
      return `You are not signed in at ${accounts}: \`npx mooring login --accounts ${accounts}\` does.`
    }
    const { token } = session
    const path = `/v1/projects/${encodeURIComponent(projectId)}/keys`
    return listIn(await askAccounts(context, { accounts, method: 'GET', path, token }), 'keys')
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
}

/** A gateway goes by the same: first whether the key is stopped, then whether its time is over. */
function stateAmong(
  known: readonly Record<string, unknown>[],
  { registration, material }: KeyFile,
  nowMs: number,
): KeyState {
  const found = known.find(({ id }) => id === registration?.keyId)
  if (found === undefined || material.delivery !== 'key') return 'unknown'
  const { status, expiresAt } = found
  if (status === 'revoked') return status
  const keyHash = projectKeyHashOf(material)
  const hashes = Array.isArray(found.hashes) ? found.hashes.filter(isRecord) : []
  const own = hashes.find((one) => one.keyHash === keyHash)
  if (own === undefined) return 'replaced'
  if (status === 'frozen') return status
  const isOver = (at: unknown) => typeof at === 'number' && at * 1_000 <= nowMs
  if (isOver(expiresAt) || isOver(own.endsAt)) return 'expired'
  return status === 'active' ? status : 'unknown'
}
