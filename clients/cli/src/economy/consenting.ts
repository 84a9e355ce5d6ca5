import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'

/** Asks before something is signed. Where nobody could answer, `--yes` has to have said so. */
export async function askFirst(
  context: Context,
  options: { yes?: true },
  question: string,
): Promise<void> {
  if (options.yes) return
  if (context.prompter === undefined) {
    throw new CommandError(
      'badInput',
      'Nothing was signed: nobody is there to be asked. Add --yes to sign without a question.',
    )
  }
  const agreed = await context.prompter.confirm(question, { initial: false })
  if (!agreed) throw new CommandError('unexpected', 'Stopped. Nothing was signed.')
}
