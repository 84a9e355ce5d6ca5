import { z } from '@hono/zod-openapi'
import type { Database } from '@mooring/store/database'
import {
  createProject,
  deleteProject,
  listProjects,
  loadProject,
  type Project,
  projectsOfAccountMax,
  renameProject,
} from '@mooring/store/projects'
import type { Clock } from '@mooring/telemetry/clock'
import { notFound, Refusal } from '../../refusal.ts'
import { orRefuse } from '../conflicts.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { id, label, seconds, secondsOf } from '../schemas.ts'

const project = z.object({ id, name: label, createdAt: seconds }).openapi('Project')
const wish = z.strictObject({ name: label }).openapi('ProjectWish')
const params = z.object({ projectId: id })
const tags = ['projects']

export type ProjectParts = { database: Database; clock: Clock }

export function addProjectRoutes(app: App, guards: Guards, parts: ProjectParts): void {
  addList(app, guards, parts)
  addOne(app, guards, parts.database)
}

function addList(app: App, { accountRoute }: Guards, { database, clock }: ProjectParts): void {
  const listRoute = accountRoute('projects:read', {
    method: 'get',
    path: '/v1/projects',
    operationId: 'listProjects',
    summary: 'The projects of the account.',
    tags,
    responses: { 200: json('Oldest first.', z.object({ projects: z.array(project) })) },
  })
  app.openapi(listRoute, async (context) => {
    const found = await listProjects(database.sql, context.get('caller').account)
    return context.json({ projects: found.map(projectView) }, 200)
  })

  const createRoute = accountRoute('projects:write', {
    method: 'post',
    path: '/v1/projects',
    operationId: 'createProject',
    summary: 'Makes a project.',
    tags,
    request: { body: body(wish) },
    responses: { 201: json('The project.', project) },
  })
  app.openapi(createRoute, async (context) => {
    const { name } = context.req.valid('json')
    const facts = { name, nowMs: clock.wallMs() }
    const { account } = context.get('caller')
    const made = await orRefuse(createProject(database.sql, account, facts))
    if (made === undefined) {
      throw new Refusal('TOO_MANY', `an account has at most ${projectsOfAccountMax} projects`)
    }
    return context.json(projectView(made), 201)
  })
}

function addOne(app: App, { accountRoute }: Guards, database: Database): void {
  const getRoute = accountRoute('projects:read', {
    method: 'get',
    path: '/v1/projects/{projectId}',
    operationId: 'getProject',
    summary: 'One project.',
    tags,
    request: { params },
    responses: { 200: json('It.', project) },
  })
  app.openapi(getRoute, async (context) => {
    const { projectId } = context.req.valid('param')
    const found = await loadProject(database.sql, context.get('caller').account, projectId)
    return context.json(projectView(found), 200)
  })

  const renameRoute = accountRoute('projects:write', {
    method: 'patch',
    path: '/v1/projects/{projectId}',
    operationId: 'renameProject',
    summary: 'Renames a project.',
    tags,
    request: { params, body: body(wish) },
    responses: { 200: json('The project as it is now.', project) },
  })
  app.openapi(renameRoute, async (context) => {
    const change = { id: context.req.valid('param').projectId, ...context.req.valid('json') }
    const { account } = context.get('caller')
    return context.json(
      projectView(await orRefuse(renameProject(database.sql, account, change))),
      200,
    )
  })

  const deleteRoute = accountRoute('projects:write', {
    method: 'delete',
    path: '/v1/projects/{projectId}',
    operationId: 'deleteProject',
    summary: 'Deletes a project and its keys.',
    tags,
    request: { params },
    responses: { 204: { description: 'They are gone.' } },
  })
  app.openapi(deleteRoute, async (context) => {
    const { projectId } = context.req.valid('param')
    if (!(await deleteProject(database.sql, context.get('caller').account, projectId))) {
      throw notFound('project')
    }
    return context.body(null, 204)
  })
}

function projectView(project: Project | undefined) {
  if (project === undefined) throw notFound('project')
  const { id, name, createdAtMs } = project
  return { id, name, createdAt: secondsOf(createdAtMs) }
}
