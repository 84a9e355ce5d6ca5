import type { Command } from 'commander'
import {
  chainUrlOf,
  curlOf,
  type EndpointOptions,
  endpointOf,
  endpointOptions,
} from '../../access/endpoint.ts'
import { headersOf } from '../../access/headers.ts'
import { heldStateOf } from '../../access/held-token.ts'
import type { KeyFile } from '../../access/key-file.ts'
import { commitmentOf } from '../../access/key-material.ts'
import { fetchKeyStates, type KeyState, type KeyStates } from '../../access/key-states.ts'
import { listKeys, loadKey } from '../../access/key-store.ts'
import { previousOf } from '../../access/project-keys.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

type ShowOptions = EndpointOptions & {
  show?: true
  headers?: true
  previous?: true
  json?: true
}

export function addKeysShowCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'show',
    summary: 'show a key and its endpoint',
    description:
      'Show what a key is called on chain, its token, its endpoint, and of a project key its state: the accounts service is asked, where you are signed in. With --show or --headers stdout is nothing but what requests are sent with.',
    arguments: { '<name>': 'which key' },
    options: {
      '--show': 'print the URL with the key in it, and nothing else',
      '--headers': 'print the headers that a request with it carries, for `curl -H @-`',
      '--previous': 'as it was before it was rotated, while that is good',
      ...endpointOptions,
      '--json': 'print one JSON object',
    },
    examples: [
      'npx mooring keys show mine',
      'npx mooring keys show mine --headers | curl -s http://127.0.0.1:8545/eth -H @- …',
    ],
  }).action((name: string, options: ShowOptions) => show(context, name, options))
}

async function show(context: Context, name: string, options: ShowOptions): Promise<void> {
  if (options.show && options.headers) {
    throw new CommandError('badInput', 'Give either --show or --headers: each has the key in it.')
  }
  const found = loadKey(context, name)
  const key = options.previous ? keyBefore(found) : found
  const chainUrl = chainUrlOf(context, options)
  const endpoint = endpointOf(chainUrl, key, options.show === true)
  const headers = options.headers ? await headersOf(key, chainUrl) : undefined
  if (options.json) {
    const { material, commitment, createdAt, derivedFrom } = key
    writeJson(context, {
      ...{ name, delivery: material.delivery, commitment, createdAt, derivedFrom },
      token: heldStateOf(key),
      registration: registrationOf(key, await askStates(context, [key])),
      ...{ endpoint, headers },
    })
  } else if (options.show) context.stdout.write(`${endpoint}\n`)
  else if (headers !== undefined) {
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\n`)
    context.stdout.write(lines.join(''))
  } else {
    const { states } = await askStates(context, [key])
    context.stdout.write(factLines(factsOf(key, endpoint, states.get(name))))
    context.stderr.write(`\n${curlOf(chainUrl, key)}\n`)
  }
}

/** Tells on stderr why a state could not be had. */
async function askStates(context: Context, keys: readonly KeyFile[]): Promise<KeyStates> {
  const found = await fetchKeyStates(context, keys)
  for (const problem of found.problems) {
    context.stderr.write(`The state of project keys is not known: ${problem}\n`)
  }
  return found
}

/** The key as it was before it was rotated. */
function keyBefore(key: KeyFile): KeyFile {
  const previous = previousOf(key)
  if (previous === undefined) {
    throw new CommandError(
      'badInput',
      `The key ${key.name} was nothing else before that is good now.`,
    )
  }
  const material = { delivery: 'key', key: previous } as const
  return { ...key, material, commitment: commitmentOf(material) }
}

function factsOf(
  key: KeyFile,
  endpoint: string,
  state: KeyState | undefined,
): (readonly [string, string])[] {
  const { name, commitment, material, derivedFrom, registration } = key
  return [
    ['name', name],
    ['delivery', material.delivery],
    ['commitment', commitment],
    ...(derivedFrom === undefined ? [] : [['derived from', derivedFrom] as const]),
    ['token', heldStateOf(key)],
    ...(registration === undefined
      ? []
      : [['project key', `${state}: ${registration.keyId} at ${registration.accounts}`] as const]),
    ['endpoint', endpoint],
  ]
}

export function addKeysListCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'list',
    summary: 'list your keys',
    description:
      'List the keys in your folder, what their tokens are worth now, and of project keys the state: active, frozen, expired, revoked or replaced by another. The accounts service is asked, where you are signed in.',
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring keys list'],
  }).action((options: { json?: true }) => list(context, options))
}

async function list(context: Context, options: { json?: true }): Promise<void> {
  const { keys, damaged } = listKeys(context)
  for (const file of damaged) context.stderr.write(`${file} is damaged and left out.\n`)
  const found = await askStates(context, keys)
  if (options.json) {
    const rows = keys.map((key) => ({
      ...{ name: key.name, delivery: key.material.delivery, commitment: key.commitment },
      token: heldStateOf(key),
      registration: registrationOf(key, found),
    }))
    writeJson(context, { keys: rows, damaged })
    return
  }
  if (keys.length === 0) {
    context.stderr.write('There is no key yet: `npx mooring keys new mine` makes one.\n')
    return
  }
  const titles = ['NAME', 'DELIVERY', 'COMMITMENT', 'PROJECT KEY', 'TOKEN']
  const columns = titles.map((title) => ({ title, align: 'left' as const }))
  const rows = keys.map((key) => [
    ...[key.name, key.material.delivery, key.commitment],
    ...[found.states.get(key.name) ?? '–', heldStateOf(key)],
  ])
  context.stdout.write(formatTable(columns, rows))
}

/** Without what the key was before, which is as secret as what it is. */
function registrationOf(
  { name, registration }: KeyFile,
  { states }: KeyStates,
): object | undefined {
  if (registration === undefined) return undefined
  const { accounts, keyId, projectId } = registration
  return { accounts, keyId, projectId, state: states.get(name) }
}
