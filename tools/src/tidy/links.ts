import { posix } from 'node:path'
import type { SourceFile } from '../source/tracked-files.ts'

/**
 * Sentences for links between documents that lead nowhere.
 *
 * @param files - Every tracked file: what a link may lead to, besides the folders they are in.
 */
export function brokenLinks(files: readonly SourceFile[]): string[] {
  const targets = new Set(files.flatMap(({ path }) => [path, ...foldersAbove(path)]))
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !/^[a-z]+:/i.test(target))
        .filter((target) => !targets.has(resolved(path, target)))
        .map((target) => `${path} links to ${target}, which does not exist.`),
    )
}

function resolved(path: string, target: string): string {
  const joined = target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(path), target)
  return joined.replace(/\/$/, '')
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
