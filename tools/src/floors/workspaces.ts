import type { SourceFile } from '../source/tracked-files.ts'
import { type FloorName, isFloorName } from './floors.ts'
import { type Import, importsOf } from './imports.ts'

/** One manifest and the code that belongs to it. */
export type Workspace = {
  name: string
  /** Folder from the root; empty for the root itself. */
  folder: string
  /** Undefined when the manifest states none, or one that does not exist. */
  floor: FloorName | undefined
  dependencies: readonly string[]
  devDependencies: readonly string[]
  files: readonly CodeFile[]
}

export type CodeFile = {
  path: string
  /** Whether it only ever runs as a test. */
  isTest: boolean
  imports: readonly Import[]
}

type Manifest = {
  name?: string
  mooring?: { floor?: unknown }
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** Groups the code of a repository by the manifest nearest above it. */
export function workspacesOf(files: readonly SourceFile[]): Workspace[] {
  const manifests = files.filter(({ path }) => /(?:^|\/)package\.json$/.test(path))
  const folders = manifests.map(({ path }) => folderOf(path))
  return manifests.map(({ path, text }) => {
    const folder = folderOf(path)
    // A manifest is JSON that npm has read before us; members that are not there are undefined.
    const manifest = JSON.parse(text) as Manifest
    const floor = folder === '' ? 'root' : manifest.mooring?.floor
    return {
      name: manifest.name ?? folder,
      folder,
      floor: isFloorName(floor) ? floor : undefined,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
      files: files
        .filter((file) => isCode(file.path) && ownerOf(file.path, folders) === folder)
        .map((file) => ({
          path: file.path,
          isTest: isTestPath(file.path),
          imports: importsOf(file.text),
        })),
    }
  })
}

/** The folder of the manifest a path belongs to: the deepest one above it. */
export function ownerOf(path: string, folders: readonly string[]): string {
  return folders
    .filter((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`))
    .reduce((deepest, folder) => (folder.length > deepest.length ? folder : deepest), '')
}

/** Tests stand beside their source as `x.test.ts`, or in a folder called `test`. */
export function isTestPath(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(?:^|\/)test\//.test(path)
}

function isCode(path: string): boolean {
  return /\.(?:ts|tsx|mjs|js)$/.test(path)
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}
