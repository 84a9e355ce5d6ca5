import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel, log, password, spinner, text, updateSettings } from '@clack/prompts'
import { CommandError } from '../exit-codes.ts'

const ctrlD = '\u0004'

/** Someone who answers questions. Throws when they press Ctrl-C, Ctrl-D or Escape instead. */
export type Prompter = {
  ask(question: Question): Promise<string>
  /** Shows nothing of what is typed. */
  askSecret(question: { message: string }): Promise<string>
  confirm(message: string, options: { initial: boolean }): Promise<boolean>
  /** Shows that work is going on until it is done. */
  during<T>(message: string, work: Promise<T>): Promise<T>
  say(message: string): void
}

export type Question = {
  message: string
  placeholder?: string
  initial?: string
  /** Why the answer will not do, or undefined when it will. */
  problemOf?: (answer: string) => string | undefined
}

export function openPrompter(input: Readable, output: Writable): Prompter {
  updateSettings({ aliases: { [ctrlD]: 'cancel' } })
  return {
    ask: async ({ message, placeholder, initial, problemOf }) =>
      answered(
        await text({
          input,
          output,
          message,
          ...(placeholder === undefined ? {} : { placeholder }),
          ...(initial === undefined ? {} : { initialValue: initial }),
          validate: (answer) => problemOf?.((answer ?? '').trim()),
        }),
      ).trim(),
    askSecret: async ({ message }) => answered(await password({ input, output, message })),
    confirm: async (message, { initial }) =>
      answered(await confirm({ input, output, message, initialValue: initial })),
    during: async (message, work) => {
      const turning = spinner({ output })
      turning.start(message)
      try {
        return await work
      } finally {
        turning.stop(message)
      }
    },
    say: (message) => log.message(message, { output }),
  }
}

/** Ctrl-C, Ctrl-D and Escape end a prompt with a symbol in place of the answer. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CommandError('unexpected', 'Stopped before anything was done.')
  // What is left is no symbol; the type of isCancel cannot say so about a type parameter.
  return answer as Exclude<T, symbol>
}
