import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the repository: its path from the root, with forward slashes, and what stands in it. */
export type SourceFile = { path: string; text: string }

/** Files whose content is text and worth reading; pictures and the like are left alone. */
const textFile =
  /(?:\.(?:ts|tsx|mjs|js|json|md|sol|tree|yaml|yml|html|css|sh|txt)|(?:^|\/)[^./]+|\.npmrc)$/

/**
 * Every text file git tracks, or would track if it were added now.
 *
 * @param root - Folder of the repository.
 */
export async function readTrackedFiles(root: string): Promise<SourceFile[]> {
  const paths = trackedPaths(root).filter((path) => textFile.test(path))
  const present = paths.filter((path) => existsSync(join(root, path)))
  return Promise.all(
    present.map(async (path) => ({ path, text: await Bun.file(join(root, path)).text() })),
  )
}

/** A source archive has no git: there, everything counts but what an install or a run puts beside it. */
function trackedPaths(root: string): string[] {
  const listed = Bun.which('git')
    ? Bun.spawnSync(['git', 'ls-files', '-coz', '--exclude-standard'], { cwd: root })
    : undefined
  if (listed?.success) return listed.stdout.toString().split('\0').filter(Boolean)
  const walked = new Bun.Glob('**/*').scanSync({ cwd: root, dot: true })
  return [...walked].filter((path) => !/(?:^|\/)(?:node_modules|\.git|\.mooring)\//.test(path))
}
