import { expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { loadSettings } from './load.ts'
import { problemsText } from './problems.ts'

const schema = z.strictObject({ name: z.string(), portsMax: z.int() })

async function load(text: string, environment: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-settings-'))
  const file = join(folder, 'settings.yaml')
  try {
    await writeFile(file, text)
    return await loadSettings(schema, file, environment)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a file is read with its variables replaced', async () => {
  expect(await load('name: a-${WHO}\nportsMax: 3\n', { WHO: 'b' })).toEqual({
    ok: true,
    settings: { name: 'a-b', portsMax: 3 },
  })
})

test('every problem is told with its line, in the order of the file', async () => {
  const loaded = await load('portsMax: many\nname: ${NOBODY}\nnmae: x\n')
  if (loaded.ok) throw new Error('it was taken')
  expect(problemsText('a.yaml', loaded.problems)).toBe(`The configuration has 3 problems:
a.yaml:1: portsMax: has to be a number
a.yaml:2: name: the environment has no variable "NOBODY"
a.yaml:3: nmae: there is no such setting`)
})

test('a file that is not there is said to be so', async () => {
  const loaded = await loadSettings(schema, '/no/such/file.yaml', {})
  expect(loaded).toMatchObject({
    problems: [{ message: 'the file cannot be read: there is no such file' }],
  })
})
