import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit-codes.ts'
import { askAccounts, listIn, textIn } from './accounts-service.ts'
import type { KeyFile, Registration } from './key-file.ts'
import {
  type AccessMaterial,
  commitmentOf,
  createAccessMaterial,
  projectKeyHashOf,
} from './key-material.ts'
import { saveKey } from './key-store.ts'
import type { Session } from './session.ts'

/** Changes of a project key, as the accounts service calls them. */
export type KeyVerb = 'freeze' | 'unfreeze' | 'revoke'

/**
 * Registers the hash of a key with a project of the account, and makes the project where there is none. What was cut off
 * may be done again.
 */
export async function registerKey(
  context: Context,
  session: Session,
  { key, project }: { key: KeyFile; project: string },
): Promise<KeyFile> {
  const { material } = key
  if (material.delivery !== 'key') {
    throw new CommandError(
      'badInput',
      `The key ${key.name} is of delivery ${material.delivery}: only one of delivery key can be a project's.`,
    )
  }
  if (key.token !== undefined) {
    throw new CommandError(
      'badInput',
      `The key ${key.name} is that of a deposit, which the chain names and no service can freeze: make another one for the project. What the chain names is replaced with \`npx mooring escrow key\`.`,
    )
  }
  if (key.registration !== undefined) {
    throw new CommandError(
      'badInput',
      `The key ${key.name} is registered at ${key.registration.accounts} already.`,
    )
  }
  const { accounts, token } = session
  const projectId = await projectIdOf(context, session, project)
  const keyHash = projectKeyHashOf(material)
  const path = `/v1/projects/${encodeURIComponent(projectId)}/keys`
  // An attempt that was cut off may have got there: then it is noted here alone that it did.
  const there = await askAccounts(context, { accounts, method: 'GET', path, token })
  const isThis = (one: Record<string, unknown>) => listIn(one, 'hashes')[0]?.keyHash === keyHash
  const body = { name: key.name, keyHash }
  const made =
    listIn(there, 'keys').find(isThis) ??
    (await askAccounts(context, { accounts, method: 'POST', path, token, body }))
  const registration: Registration = { accounts, keyId: textIn(made, 'id'), projectId }
  const registered = { ...key, registration }
  saveKey(context, registered)
  return registered
}

/** @returns Its status from now on. */
export async function changeKey(
  context: Context,
  session: Session,
  { key, verb }: { key: KeyFile; verb: KeyVerb },
): Promise<string> {
  const { accounts, token } = session
  const path = `${pathOf(session, key)}/${verb}`
  return textIn(await askAccounts(context, { accounts, method: 'POST', path, token }), 'status')
}

/**
 * Puts a new key in the place of one. It is kept before it is sent, so that it is not lost on the way; what it was
 * before is kept as well, since it is good until the overlap ends. Where a rotation got lost, it is sent again.
 */
export async function rotateKey(
  context: Context,
  session: Session,
  { key, overlapSeconds }: { key: KeyFile; overlapSeconds: number },
): Promise<KeyFile> {
  const { accounts, token } = session
  const path = pathOf(session, key)
  if (key.token !== undefined) {
    throw new CommandError(
      'badInput',
      `The key ${key.name} is that of a deposit as well, and another key in its place would lose it: replace it on chain, with \`npx mooring escrow key\`.`,
    )
  }
  const answer = await askAccounts(context, { accounts, method: 'GET', path, token })
  // Newest first.
  const known = listIn(answer, 'hashes')[0]?.keyHash
  const isLost = known !== hashOf(key) && known === hashBefore(key)
  const rotated = isLost ? key : rotatedKey(key, overlapSeconds)
  saveKey(context, rotated)
  try {
    const body = { keyHash: hashOf(rotated), overlapSeconds }
    await askAccounts(context, { accounts, method: 'POST', path: `${path}/rotate`, token, body })
  } catch (error) {
    // What refuses has changed nothing. Where nobody answered it may have been done, and both keys are kept.
    if (error instanceof CommandError && error.exitCode === exitCodes.refused.code) {
      saveKey(context, key)
    }
    throw error
  }
  return rotated
}

function rotatedKey(key: KeyFile, overlapSeconds: number): KeyFile {
  const { registration } = key
  if (registration === undefined) throw notRegistered(key)
  const before = accessMaterialOf(key)
  const material = createAccessMaterial()
  const endsAt = Math.floor(Date.now() / 1_000) + overlapSeconds
  const { token: _ofBefore, derivedFrom: _not, ...rest } = key
  return {
    ...{ ...rest, material, commitment: commitmentOf(material) },
    registration: { ...registration, previous: { key: before.key, endsAt } },
  }
}

/** Refuses a key that is of another delivery, which never was a project's. */
function accessMaterialOf(key: KeyFile): AccessMaterial {
  if (key.material.delivery === 'key') return key.material
  throw notRegistered(key)
}

function hashOf(key: KeyFile): string {
  return projectKeyHashOf(accessMaterialOf(key))
}

function hashBefore({ registration }: KeyFile): string | undefined {
  const key = registration?.previous?.key
  return key === undefined ? undefined : projectKeyHashOf({ delivery: 'key', key })
}

/** The key as it was before it was rotated, while that is good. */
export function previousOf({ registration }: KeyFile): string | undefined {
  const previous = registration?.previous
  return previous !== undefined && previous.endsAt * 1_000 > Date.now() ? previous.key : undefined
}

async function projectIdOf(context: Context, session: Session, name: string): Promise<string> {
  const { accounts, token } = session
  const path = '/v1/projects'
  const answer = await askAccounts(context, { accounts, method: 'GET', path, token })
  const found = listIn(answer, 'projects').find((project) => project.name === name)
  if (found !== undefined) return textIn(found, 'id')
  const made = await askAccounts(context, { accounts, method: 'POST', path, token, body: { name } })
  return textIn(made, 'id')
}

function pathOf({ accounts }: Session, key: KeyFile): string {
  const { registration } = key
  if (registration === undefined) throw notRegistered(key)
  if (registration.accounts !== accounts) {
    throw new CommandError(
      'badInput',
      `The key ${key.name} is registered at ${registration.accounts}, and you are signed in at ${accounts}.`,
    )
  }
  return `/v1/keys/${encodeURIComponent(registration.keyId)}`
}

function notRegistered({ name }: KeyFile): CommandError {
  return new CommandError(
    'badInput',
    `The key ${name} is no project key: \`npx mooring keys register ${name}\` makes it one. The key that a deposit names is replaced on chain, with \`npx mooring escrow key\`.`,
  )
}
