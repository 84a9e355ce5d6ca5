import type { Role } from '@mooring/store/team'

export const permissions = [
  'account:read',
  'account:write',
  'projects:read',
  'projects:write',
  'keys:write',
  'tokens:write',
  'deposits:read',
  'deposits:write',
  'team:read',
  'team:write',
  'alerts:read',
  'alerts:write',
  'usage:read',
  'billing:read',
] as const
export type Permission = (typeof permissions)[number]

/** What each member of a team may do for its account. Money is not moved here: that takes the wallet itself. */
const rolePermissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(permissions),
  admin: new Set(permissions),
  developer: new Set<Permission>([
    'account:read',
    'projects:read',
    'projects:write',
    'keys:write',
    'tokens:write',
    'team:read',
    'usage:read',
  ]),
  finance: new Set<Permission>([
    'account:read',
    'deposits:read',
    'deposits:write',
    'team:read',
    'alerts:read',
    'alerts:write',
    'usage:read',
    'billing:read',
  ]),
}

export function may(role: Role, permission: Permission): boolean {
  return rolePermissions[role].has(permission)
}

/** Owners are made, changed and sent away by owners. */
export function mayTouchOwners(role: Role): boolean {
  return role === 'owner'
}
