// Writes the pages of docs/reference from the tables they describe.
import { resolve } from 'node:path'
import { referencePages } from './pages.ts'

const root = resolve(import.meta.dir, '../../..')

for (const { path, text } of await referencePages()) {
  await Bun.write(resolve(root, path), text)
  process.stdout.write(`${path}\n`)
}
