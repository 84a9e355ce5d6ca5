import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../help.ts'
import type { Intent } from './intent.ts'
import { addSigningOptions, type Signing, type SigningOptions, sign } from './signing.ts'

/** What was typed: arguments in their order, options by their long name in camel case. */
export type Given = {
  args: readonly (string | undefined)[]
  options: Readonly<Record<string, unknown>>
}

/** A command that signs, but for what it has in common with all others. */
export type SigningCommand = {
  name: string
  summary: string
  description: string
  /** By their form: `<amount>` has to be there, `[amount]` may. */
  arguments?: Readonly<Record<string, string>>
  /** By their flags, e.g. `--to <address>`. */
  options?: Readonly<Record<string, string>>
  /** Options without which it cannot run. */
  required?: Readonly<Record<string, string>>
  examples: readonly string[]
  intend: (signing: Signing, given: Given) => Promise<Intent>
}

export function addSigningCommand(
  parent: Command,
  context: Context,
  command: SigningCommand,
): void {
  const added = parent
    .command(command.name)
    .summary(command.summary)
    .description(command.description)
    .addHelpText('before', examples(...command.examples))
  for (const [form, text] of Object.entries(command.arguments ?? {})) added.argument(form, text)
  for (const [flags, text] of Object.entries(command.required ?? {})) {
    added.requiredOption(flags, text)
  }
  for (const [flags, text] of Object.entries(command.options ?? {})) added.option(flags, text)
  addSigningOptions(added).action((...typed: unknown[]) => {
    const options = added.opts<SigningOptions & Record<string, unknown>>()
    // Commander hands over the arguments first, then the options and the command.
    const args = typed.slice(0, added.registeredArguments.length) as (string | undefined)[]
    return sign(context, options, (signing) => command.intend(signing, { args, options }))
  })
}

/** A value that commander has made sure of. */
export function argumentAt({ args }: Given, at: number): string {
  const value = args[at]
  if (value === undefined) throw new Error(`argument ${at} is missing`)
  return value
}

/** The text of an option, or undefined where it was not given. */
export function optionOf({ options }: Given, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
