import { type Command, InvalidArgumentError } from 'commander'
import { loadKey } from '../../access/key-store.ts'
import { leaveTokens } from '../../access/leave-tokens.ts'
import { changeKey, type KeyVerb, registerKey, rotateKey } from '../../access/project-keys.ts'
import { type AccountsOptions, accountsOptions, sessionFor } from '../../access/session.ts'
import type { Context } from '../../context.ts'
import { addCommand } from '../../economy/given.ts'
import { writeJson } from '../../terminal/json.ts'

type Options = AccountsOptions & { json?: true }

const jsonOption = { '--json': 'print one JSON object' } as const
const overlapSecondsDefault = 3_600
const overlapSecondsMax = 86_400

/** What is done to keys of projects, at the accounts service. */
export function addProjectKeyCommands(parent: Command, context: Context): void {
  addRegister(parent, context)
  addVerb(parent, context, {
    verb: 'freeze',
    summary: 'stop a project key until it is thawed',
    description: 'Stop a project key until `keys unfreeze`. Gateways refuse it within seconds.',
  })
  addVerb(parent, context, {
    verb: 'unfreeze',
    summary: 'let a frozen project key work again',
    description: 'Let a project key work again that `keys freeze` has stopped.',
  })
  addRotate(parent, context)
  addVerb(parent, context, {
    verb: 'revoke',
    summary: 'end a project key for good',
    description: 'End a project key for good. Its file stays; what it held opens nothing any more.',
  })
}

function addRegister(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'register',
    summary: 'make a key a project key',
    description:
      'Register the hash of a key with a project of your account, so that it can be frozen, rotated and revoked. It works while the account holds a token for a deposit.',
    arguments: { '<name>': 'which key' },
    options: { ...accountsOptions, ...jsonOption },
    examples: ['npx mooring keys register app --project shop'],
  })
    .option('--project <name>', 'name of the project; made where there is none', 'default')
    .action(async (name: string, options: Options & { project: string }) => {
      const session = sessionFor(context, options)
      const key = loadKey(context, name)
      const registered = await registerKey(context, session, { key, project: options.project })
      const tokens = await leaveTokens(context, session)
      const { registration } = registered
      if (options.json) writeJson(context, { key: name, ...registration, tokens })
      else context.stdout.write(`${name} is a key of the project ${options.project}.\n`)
      if (tokens > 0) return
      context.stderr.write(
        'It works as soon as the account holds a token: `npx mooring deposit AMOUNT --key ANOTHER` gets one.\n',
      )
    })
}

function addVerb(
  parent: Command,
  context: Context,
  { verb, summary, description }: { verb: KeyVerb; summary: string; description: string },
): void {
  addCommand(parent, {
    ...{ name: verb, summary, description },
    arguments: { '<name>': 'which key' },
    options: { ...accountsOptions, ...jsonOption },
    examples: [`npx mooring keys ${verb} app`],
  }).action(async (name: string, options: Options) => {
    const session = sessionFor(context, options)
    const status = await changeKey(context, session, { key: loadKey(context, name), verb })
    if (options.json) writeJson(context, { key: name, status })
    else context.stdout.write(`${name} is ${status}.\n`)
  })
}

function addRotate(parent: Command, context: Context): void {
  addCommand(parent, {
    name: 'rotate',
    summary: 'put a new key in the place of a project key',
    description:
      'Make a new key in the place of a project key. What it was before works until the overlap ends.',
    arguments: { '<name>': 'which key' },
    options: { ...accountsOptions, ...jsonOption },
    examples: ['npx mooring keys rotate app --overlap 600'],
  })
    .option(
      '--overlap <seconds>',
      'how long the old one works too',
      parseOverlap,
      overlapSecondsDefault,
    )
    .action(async (name: string, options: Options & { overlap: number }) => {
      const session = sessionFor(context, options)
      const { overlap: overlapSeconds } = options
      const key = loadKey(context, name)
      const { commitment } = await rotateKey(context, session, { key, overlapSeconds })
      if (options.json) writeJson(context, { key: name, commitment, overlapSeconds })
      else
        context.stdout.write(
          `${name} is another key now, and what it was works ${overlapSeconds} s more.\n`,
        )
    })
}

function parseOverlap(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= overlapSecondsMax) return seconds
  throw new InvalidArgumentError(`The overlap is a number of seconds up to ${overlapSecondsMax}.`)
}
