import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { addCommand, type CommandForm, type Given, givenTo } from './given.ts'
import type { Intent } from './intent.ts'
import { addSigningOptions, type Signing, type SigningOptions, sign } from './signing.ts'

export type SigningCommand = CommandForm & {
  intend: (signing: Signing, given: Given) => Promise<Intent>
}

export function addSigningCommand(
  parent: Command,
  context: Context,
  command: SigningCommand,
): void {
  const added = addSigningOptions(addCommand(parent, command))
  added.action((...typed: unknown[]) => {
    const given = givenTo(added, typed)
    return sign(context, added.opts<SigningOptions>(), (signing) => command.intend(signing, given))
  })
}
