import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Adds a text at the end; resolves when the disk has it. Where it rejects a part may be there: rewrite the file. */
export async function appendTo(path: string, text: string): Promise<void> {
  await using file = await open(path, 'a', 0o600)
  await file.writeFile(text)
  await file.datasync()
}

/** Puts a text in the place of the whole file; resolves when the disk has it. After a crash it is the one or the other. */
export async function rewrite(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  await using file = await open(next, 'w', 0o600)
  await file.writeFile(text)
  await file.datasync()
  await rename(next, path)
  await syncNames(dirname(path))
}

export async function remove(path: string): Promise<void> {
  await rm(path, { force: true })
}

async function syncNames(directory: string): Promise<void> {
  await using names = await open(directory, 'r')
  await names.sync()
}
