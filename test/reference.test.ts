import { expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { referencePages } from '@mooring/tools/reference/pages'

const root = resolve(import.meta.dir, '..')

for (const { path, text } of await referencePages()) {
  test(`${path} says what its source says; if not, run npm run reference`, async () => {
    expect(await Bun.file(resolve(root, path)).text()).toBe(text)
  })
}
