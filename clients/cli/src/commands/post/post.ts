import {
  type Brought,
  bringSignedFile,
  type SignedFileName,
  signedFiles,
} from '@mooring/onchain/signed-files'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { argumentAt } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { examples } from '../../help.ts'

export function addPostCommand(program: Command, context: Context): void {
  const post = program
    .command('post')
    .summary('bring to the chain what services have signed')
    .description(
      'Bring to the chain what services have signed or recomputed. Anyone may: the contracts check it.',
    )
    .helpCommand(false)
    .addHelpText(
      'before',
      examples('npx mooring post epoch epoch-12.json', 'npx mooring post payouts payouts-12.json'),
    )
  // The keys of the table, which its type knows and `Object.keys` does not.
  for (const name of Object.keys(signedFiles) as SignedFileName[]) {
    const { holds } = signedFiles[name]
    addSigningCommand(post, context, {
      name,
      summary: `bring ${holds}`,
      description: `Bring ${holds}.`,
      arguments: { '<file>': 'JSON, as the service published it' },
      examples: [`npx mooring post ${name} ${name}.json --dry-run`],
      intend: async (signing, given) => intendPost(context, signing, name, argumentAt(given, 0)),
    })
  }
}

function intendPost(
  context: Context,
  { system }: Signing,
  name: SignedFileName,
  path: string,
): Intent {
  const { file, text } = readInput(context, path)
  const brought = readFile(() => bringSignedFile(system, name, text), { file, name })
  return {
    what: `Bring ${signedFiles[name].holds} to the chain`,
    facts: [['file', file]],
    steps: brought.map(({ call, ...rest }) => ({ ...call, ...rest })),
  }
}

function readFile(read: () => Brought, { file, name }: { file: string; name: string }): Brought {
  try {
    return read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} is no ${name} file: ${reason}.`, { cause })
  }
}
