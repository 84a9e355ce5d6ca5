import type { Command } from 'commander'
import {
  chainUrlOf,
  curlOf,
  type EndpointOptions,
  endpointOf,
  endpointOptions,
} from '../../access/endpoint.ts'
import { heldStateOf } from '../../access/held-token.ts'
import type { KeyFile } from '../../access/key-file.ts'
import { commitmentOf } from '../../access/key-material.ts'
import { listKeys, loadKey } from '../../access/key-store.ts'
import { previousOf } from '../../access/project-keys.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { CommandError } from '../../exit-codes.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

type ShowOptions = EndpointOptions & { show?: true; previous?: true; json?: true }

export function addKeysShowCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'show',
    summary: 'show a key and its endpoint',
    description:
      'Show what a key is called on chain, its token and its endpoint. With --show stdout is nothing but the URL, with the key in it.',
    arguments: { '<name>': 'which key' },
    options: {
      '--show': 'print the URL with the key in it, and nothing else',
      '--previous': 'as it was before it was rotated, while that is good',
      ...endpointOptions,
      '--json': 'print one JSON object',
    },
    examples: ['npx mooring keys show mine', 'curl -s "$(npx mooring keys show mine --show)" …'],
  }).action((name: string, options: ShowOptions) => show(context, name, options))
}

function show(context: Context, name: string, options: ShowOptions): void {
  const found = loadKey(context, name)
  const key = options.previous ? keyBefore(found) : found
  const chainUrl = chainUrlOf(context, options)
  const endpoint = endpointOf(chainUrl, key, options.show === true)
  if (options.json) {
    const { token: _, material, ...rest } = key
    writeJson(context, {
      ...{ name, delivery: material.delivery, commitment: rest.commitment },
      ...{ createdAt: rest.createdAt, derivedFrom: rest.derivedFrom },
      token: heldStateOf(key),
      registration: registrationOf(key),
      endpoint,
    })
  } else if (options.show) context.stdout.write(`${endpoint}\n`)
  else {
    context.stdout.write(factLines(factsOf(key, endpoint)))
    context.stderr.write(`\n${curlOf(chainUrl, key)}\n`)
  }
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

function factsOf(key: KeyFile, endpoint: string): (readonly [string, string])[] {
  const { name, commitment, material, derivedFrom, registration } = key
  return [
    ['name', name],
    ['delivery', material.delivery],
    ['commitment', commitment],
    ...(derivedFrom === undefined ? [] : [['derived from', derivedFrom] as const]),
    ['token', heldStateOf(key)],
    ...(registration === undefined
      ? []
      : [['project key', `${registration.keyId} at ${registration.accounts}`] as const]),
    ['endpoint', endpoint],
  ]
}

export function addKeysListCommand(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'list',
    summary: 'list your keys',
    description: 'List the keys in your folder, and what their tokens are worth now.',
    options: { '--json': 'print one JSON object' },
    examples: ['npx mooring keys list'],
  }).action((options: { json?: true }) => list(context, options))
}

function list(context: Context, options: { json?: true }): void {
  const { keys, damaged } = listKeys(context)
  for (const file of damaged) context.stderr.write(`${file} is damaged and left out.\n`)
  if (options.json) {
    const rows = keys.map((key) => ({
      ...{ name: key.name, delivery: key.material.delivery, commitment: key.commitment },
      token: heldStateOf(key),
      registration: registrationOf(key),
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
    ...[key.registration === undefined ? '–' : 'yes', heldStateOf(key)],
  ])
  context.stdout.write(formatTable(columns, rows))
}

/** Without what the key was before, which is as secret as what it is. */
function registrationOf({ registration }: KeyFile): object | undefined {
  if (registration === undefined) return undefined
  const { accounts, keyId, projectId } = registration
  return { accounts, keyId, projectId }
}
