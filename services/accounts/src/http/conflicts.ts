import type { AccountProblemCode } from '@mooring/protocol/access/account-problems'
import { brokenConstraint } from '@mooring/store/database'
import { teamConstraints } from '@mooring/store/team'
import { Refusal } from '../refusal.ts'

/** What the database refuses by its constraints, in words. Any other failure is passed on. */
const refusals: Readonly<Record<string, [AccountProblemCode, string]>> = {
  projects_account_name_key: ['NAME_TAKEN', 'the account has a project of that name'],
  keys_project_id_name_key: ['NAME_TAKEN', 'the project has a key of that name'],
  key_hashes_pkey: ['KEY_TAKEN', 'this key was registered before: make another one'],
  alerts_account_asset_channel_target_threshold_key: ['ALREADY_THERE', 'there is such an alert'],
  alerts_of_key: ['ALREADY_THERE', 'there is such an alert'],
  [teamConstraints.lastOwner]: ['LAST_OWNER', 'an account needs an owner: name another one first'],
  [teamConstraints.size]: ['TOO_MANY', 'a team has at most 20 members'],
}

export async function orRefuse<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const refusal = refusals[brokenConstraint(error) ?? '']
    throw refusal === undefined ? error : new Refusal(...refusal)
  }
}
