import { expect, test } from 'bun:test'
import { PassThrough } from 'node:stream'
import { CommandError } from '../exit-codes.ts'
import { openPrompter } from './prompter.ts'

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s stops the questions', async (_, key) => {
  const input = new PassThrough()
  const prompter = openPrompter(input, new PassThrough())
  const answer = prompter.ask({ message: 'URL?' })
  input.write(key)
  const error = await answer.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CommandError)
  expect(error).toMatchObject({ message: 'Stopped before anything was done.' })
})
