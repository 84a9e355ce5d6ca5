import { floors } from '../floors/floors.ts'
import { isTestPath, ownerOf, type Workspace } from '../floors/workspaces.ts'
import { type MaskedText, maskText } from '../source/mask.ts'
import type { SourceFile } from '../source/tracked-files.ts'

/** A file as the rules see it. */
export type TidyFile = SourceFile & {
  /** TypeScript or JavaScript. */
  isCode: boolean
  isTest: boolean
  /** On a floor that may not know of files, sockets, clock or chance. */
  isPure: boolean
  masked: MaskedText
}

/** One thing a file may not hold. */
export type TidyRule = {
  name: string
  appliesTo(file: TidyFile): boolean
  /** Where it stands: a line, or 0 for the file as a whole, and the words it is recognised by. */
  find(file: TidyFile): { line: number; found: string }[]
  /** What is wrong, and the way on. */
  message: string
}

const noMask: MaskedText = { code: '', comments: '' }

export function tidyFilesOf(
  files: readonly SourceFile[],
  workspaces: readonly Workspace[],
): TidyFile[] {
  const folders = workspaces.map(({ folder }) => folder)
  const floorOf = new Map(workspaces.map(({ folder, floor }) => [folder, floor]))
  return files.map((file) => {
    const isCode = /\.(?:ts|tsx|mjs|js)$/.test(file.path)
    const floor = floorOf.get(ownerOf(file.path, folders))
    return {
      ...file,
      isCode,
      isTest: isTestPath(file.path),
      isPure: floor !== undefined && floors[floor].pure,
      masked: isCode ? maskText(file.text) : noMask,
    }
  })
}

/** Sentences for everything the rules find; empty when the files are tidy. */
export function untidiness(files: readonly TidyFile[], rules: readonly TidyRule[]): string[] {
  return files.flatMap((file) =>
    rules
      .filter((rule) => rule.appliesTo(file))
      .flatMap((rule) =>
        rule.find(file).map(({ line, found }) => {
          const where = line === 0 ? file.path : `${file.path}:${line}`
          return `${where} ${rule.name}: \`${found.trim()}\`. ${rule.message}`
        }),
      ),
  )
}

/** A finder of every match of a pattern in one of a file's texts. */
export function matchesIn(
  part: 'text' | 'code' | 'comments',
  pattern: RegExp,
): (file: TidyFile) => { line: number; found: string }[] {
  const every = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)
  return (file) => {
    const text = part === 'text' ? file.text : file.masked[part]
    return [...text.matchAll(every)].map((match) => {
      const line = text.slice(0, match.index).split('\n').length
      return { line, found: file.text.slice(match.index, match.index + match[0].length) }
    })
  }
}

/** A finder that looks at a file's path. */
export function pathMatching(pattern: RegExp): TidyRule['find'] {
  return ({ path }) => (pattern.test(path) ? [{ line: 0, found: path }] : [])
}
