import { readTrackedFiles } from '../source/tracked-files.ts'

/** A number of what stands in these folders and files: work that is kept is kept for that state of them only. */
export async function fingerprintOf(root: string, paths: readonly string[]): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  const files = await readTrackedFiles(root)
  for (const { path, text } of files.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (paths.some((kept) => path === kept || path.startsWith(`${kept}/`))) {
      hasher.update(`${path}\0${text}\0`)
    }
  }
  return hasher.digest('hex').slice(0, 16)
}
