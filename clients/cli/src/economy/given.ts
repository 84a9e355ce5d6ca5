import type { Command } from 'commander'
import { examples } from '../help.ts'

/** What was typed: arguments in their order, options by their long name in camel case. */
export type Given = {
  args: readonly (string | undefined)[]
  options: Readonly<Record<string, unknown>>
}

/** How a command is called and what its help says, but for what it has in common with others of its kind. */
export type CommandForm = {
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
  /** Runs when its parent is called without a command. */
  isDefault?: true
}

export function addCommand(parent: Command, form: CommandForm): Command {
  const added = parent
    .command(form.name, { isDefault: form.isDefault === true })
    .summary(form.summary)
    .description(form.description)
    .addHelpText('before', examples(...form.examples))
  for (const [flags, text] of Object.entries(form.arguments ?? {})) added.argument(flags, text)
  for (const [flags, text] of Object.entries(form.required ?? {})) added.requiredOption(flags, text)
  for (const [flags, text] of Object.entries(form.options ?? {})) added.option(flags, text)
  return added
}

/** @param typed - What commander hands over: the arguments first, then the options and the command. */
export function givenTo(added: Command, typed: readonly unknown[]): Given {
  const args = typed.slice(0, added.registeredArguments.length) as (string | undefined)[]
  return { args, options: added.opts() }
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
