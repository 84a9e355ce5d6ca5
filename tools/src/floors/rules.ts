import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { type FloorName, floors, purePackages } from './floors.ts'
import { type Import, packageOf } from './imports.ts'
import { type CodeFile, ownerOf, type Workspace } from './workspaces.ts'

/** A sentence that says where, what, and the way on. */
export type Violation = string

/** Everything wrong with the arrows between the workspaces of a repository; empty when all is well. */
export function floorViolations(workspaces: readonly Workspace[]): Violation[] {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]))
  return [
    ...workspaces.flatMap(missingFloor),
    ...workspaces.flatMap((workspace) => manifestArrows(workspace, byName)),
    ...cycles(workspaces, byName),
    ...workspaces.flatMap((workspace) =>
      workspace.files.flatMap((file) =>
        file.imports.flatMap((found) => importViolations(workspace, file, found, byName)),
      ),
    ),
  ]
}

function missingFloor({ name, folder, floor }: Workspace): Violation[] {
  if (floor !== undefined) return []
  const known = Object.keys(floors).join(', ')
  return [
    `${folder}/package.json: ${name} has no floor. Add "mooring": { "floor": … }, one of ${known}.`,
  ]
}

function manifestArrows(workspace: Workspace, byName: WorkspacesByName): Violation[] {
  return workspace.dependencies.flatMap((name) => {
    const target = byName.get(name)
    if (target === undefined || mayReach(workspace, target)) return []
    const where = posix.join(workspace.folder, 'package.json')
    return [`${where}: ${name} in dependencies: ${reasonAgainst(workspace, target)}`]
  })
}

function importViolations(
  workspace: Workspace,
  file: CodeFile,
  { specifier, line }: Import,
  byName: WorkspacesByName,
): Violation[] {
  const where = `${file.path}:${line}`
  if (specifier.startsWith('.')) {
    const problem = relativeProblem(workspace, file.path, specifier, byName)
    return problem === undefined ? [] : [`${where} imports ${specifier}: ${problem}`]
  }
  const name = packageOf(specifier)
  const target = byName.get(name)
  const problems = [
    target === undefined ? impureProblem(workspace, file, name) : undefined,
    target === undefined ? undefined : arrowProblem(workspace, file, target),
    undeclaredProblem(workspace, file, name),
  ]
  return problems.flatMap((problem) =>
    problem === undefined ? [] : [`${where} imports ${specifier}: ${problem}`],
  )
}

type WorkspacesByName = ReadonlyMap<string, Workspace>

/** The root starts the repository's own checks, so its tests and scripts reach `tools` by path. */
function relativeProblem(
  workspace: Workspace,
  path: string,
  specifier: string,
  byName: WorkspacesByName,
): string | undefined {
  const target = posix.join(posix.dirname(path), specifier)
  const folders = [...byName.values()].map(({ folder }) => folder)
  const owner = target.startsWith('..') ? undefined : ownerOf(target, folders)
  if (owner === workspace.folder) return undefined
  if (workspace.floor === 'root' && owner === 'tools') return undefined
  return 'a relative import stays in its package. Import the other package by its name.'
}

function impureProblem(workspace: Workspace, file: CodeFile, name: string): string | undefined {
  if (file.isTest || workspace.floor === undefined || !floors[workspace.floor].pure)
    return undefined
  if (purePackages.includes(name)) return undefined
  return `${workspace.floor} is pure: it takes data, time and chance as arguments. Do the I/O on a floor above.`
}

function arrowProblem(from: Workspace, file: CodeFile, target: Workspace): string | undefined {
  if (from.name === target.name) return 'a package imports its own files by relative path.'
  if (mayReach(from, target)) return undefined
  if (target.floor === 'T' && file.isTest) return undefined
  return reasonAgainst(from, target)
}

function undeclaredProblem(
  { folder, floor, name: own, dependencies, devDependencies }: Workspace,
  file: CodeFile,
  name: string,
): string | undefined {
  if (name === own || /^(?:node:|bun$|bun:)/.test(name)) {
    const isStrayTest = name === 'bun:test' && !file.isTest && floor !== 'T'
    return isStrayTest ? 'only tests import it; a test file is called x.test.ts.' : undefined
  }
  if (dependencies.includes(name)) return undefined
  const where = posix.join(folder, 'package.json')
  if (!devDependencies.includes(name)) {
    if (isBuiltin(name)) return `write node:${name} for a part of Node.`
    return `${name} is not declared in ${where}.`
  }
  if (file.isTest || floor === 'root') return undefined
  return `${name} is a devDependency of ${where}, which only tests may import. Move it to dependencies.`
}

/** Decides for manifests and code that runs outside tests; what a missing floor means is said elsewhere. */
function mayReach(from: Workspace, target: Workspace): boolean {
  if (from.floor === undefined || target.floor === undefined) return true
  return floors[from.floor].mayImport.includes(target.floor)
}

function reasonAgainst(from: Workspace, target: Workspace): string {
  const [own, other] = [from.floor ?? 'root', target.floor ?? 'root']
  const lower: readonly FloorName[] = floors[own].mayImport
  const may = lower.length === 0 ? 'nothing of ours' : lower.join(', ')
  return `${own} (${floors[own].holds}) may import ${may}; ${target.name} stands on ${other}. ${wayOn(own, other)}`
}

function wayOn(own: FloorName, other: FloorName): string {
  if (other === 'T') return 'Only tests import the testkit.'
  if (own === 'F3' && other === 'F3') return 'Services talk over the store, the chain or the wire.'
  if (own === other) return 'Move what both need to a lower floor.'
  return 'Pass it in as an argument, or move the code to the floor it needs.'
}

/** Tests close circles on purpose (the testkit starts what it tests), so devDependencies do not count. */
function cycles(workspaces: readonly Workspace[], byName: WorkspacesByName): Violation[] {
  const done = new Set<string>()
  const walk = (name: string, trail: readonly string[]): Violation[] => {
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ')
      return [`${circle}: a circle of dependencies. Move what they share to a lower floor.`]
    }
    if (done.has(name)) return []
    const found = (byName.get(name)?.dependencies ?? [])
      .filter((next) => byName.has(next))
      .flatMap((next) => walk(next, [...trail, name]))
    done.add(name)
    return found
  }
  return workspaces.flatMap(({ name }) => walk(name, []))
}
