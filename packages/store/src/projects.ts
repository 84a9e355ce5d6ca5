import { msOf, timeOf } from './columns.ts'
import type { Queries } from './database.ts'

export type Project = { id: string; name: string; createdAtMs: number }

export const projectsOfAccountMax = 50

/** @returns Undefined when the account has as many as it may have. */
export async function createProject(
  queries: Queries,
  account: string,
  { name, nowMs }: { name: string; nowMs: number },
): Promise<Project | undefined> {
  const [row] = await queries<ProjectRow[]>`
    insert into projects (account, name, created_at) select ${account}::text, ${name}::text, ${timeOf(nowMs)}::timestamptz
    where (select count(*) from projects where account = ${account}) < ${projectsOfAccountMax}
    returning id, name, created_at`
  return row === undefined ? undefined : projectOf(row)
}

export async function listProjects(queries: Queries, account: string): Promise<Project[]> {
  const rows = await queries<ProjectRow[]>`
    select id, name, created_at from projects where account = ${account} order by created_at, id`
  return rows.map(projectOf)
}

export async function loadProject(
  queries: Queries,
  account: string,
  id: string,
): Promise<Project | undefined> {
  const [row] = await queries<ProjectRow[]>`
    select id, name, created_at from projects where account = ${account} and id = ${id}`
  return row === undefined ? undefined : projectOf(row)
}

export async function renameProject(
  queries: Queries,
  account: string,
  { id, name }: { id: string; name: string },
): Promise<Project | undefined> {
  const [row] = await queries<ProjectRow[]>`
    update projects set name = ${name} where account = ${account} and id = ${id}
    returning id, name, created_at`
  return row === undefined ? undefined : projectOf(row)
}

/** Its keys go with it. */
export async function deleteProject(
  queries: Queries,
  account: string,
  id: string,
): Promise<boolean> {
  const deleted = await queries`delete from projects where account = ${account} and id = ${id}`
  return deleted.count > 0
}

type ProjectRow = { id: string; name: string; created_at: Date }

function projectOf({ id, name, created_at }: ProjectRow): Project {
  return { id, name, createdAtMs: msOf(created_at) }
}
