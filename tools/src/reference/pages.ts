import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { configSchema as accountsSchema } from '@mooring/accounts/config'
import { configSchema as agentSchema } from '@mooring/agent/config'
import { configSchema as billingSchema } from '@mooring/billing/config'
import { configSchema as witnessSchema } from '@mooring/billing/witness/config'
import { definitionFields } from '@mooring/chains/definition-schema'
import { chainDefinitions } from '@mooring/chains/definitions'
import { errorClasses } from '@mooring/chains/families/evm/errors'
import { cliReference } from '@mooring/cli/reference'
import { configSchema } from '@mooring/gateway/config'
import { configSchema as keeperSchema } from '@mooring/keeper/config'
import { failures } from '@mooring/protocol/failures'
import { describeFaults } from '@mooring/testkit/fronts/faults'
import { faultyNodes } from '@mooring/testkit/local-network/plan'
import { configSchema as verifierSchema } from '@mooring/verifier/config'
import { chainsPage } from './chains-page.ts'
import { configPage, type SettingSchema, settingsPage } from './config-page.ts'
import { errorsPage } from './errors-page.ts'
import { faultsPage } from './faults-page.ts'
import { gasPage } from './gas-page.ts'
import { parameterRows, ruleNames } from './parameter-table.ts'
import { parametersPage } from './parameters-page.ts'

export type Page = { path: string; text: string }

/** Every page of the reference, as it has to stand in the repository. */
export async function referencePages(): Promise<Page[]> {
  const schema = configSchema.toJSONSchema({ io: 'input', unrepresentable: 'any' })
  return [
    { path: 'docs/reference/errors.md', text: errorsPage(failures, { evm: errorClasses }) },
    { path: 'docs/reference/chains.md', text: chainsPage(chainDefinitions.values()) },
    { path: 'docs/reference/faults.md', text: faultsPage(describeFaults(), faultyNodes) },
    { path: 'docs/reference/cli.md', text: await cliReference() },
    {
      path: 'docs/reference/parameters.md',
      text: parametersPage(
        parameterRows(
          contractText('src/governance/Params.sol'),
          contractText('src/governance/ParamTable.sol'),
        ),
        ruleNames(contractText('src/governance/ParamRules.sol')),
      ),
    },
    {
      path: 'docs/reference/gas.md',
      text: gasPage(JSON.parse(contractText('test/gas/gas.json'))),
    },
    // A JSON Schema has more members than a settings reference reads, of the same meaning.
    {
      path: 'docs/reference/gateway-config.md',
      text: configPage(schema as SettingSchema, definitionFields),
    },
    {
      path: 'docs/reference/accounts-config.md',
      text: settingsPage({
        service: 'accounts service',
        source: 'services/accounts/src/config.ts',
        schema: accountsSchema.toJSONSchema({
          io: 'input',
          unrepresentable: 'any',
        }) as SettingSchema,
      }),
    },
    {
      path: 'docs/reference/agent-config.md',
      text: settingsPage({
        service: 'agent',
        source: 'services/agent/src/config.ts',
        schema: agentSchema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as SettingSchema,
      }),
    },
    {
      path: 'docs/reference/billing-config.md',
      text: settingsPage({
        service: 'billing service',
        source: 'services/billing/src/config.ts',
        schema: billingSchema.toJSONSchema({
          io: 'input',
          unrepresentable: 'any',
        }) as SettingSchema,
      }),
    },
    {
      path: 'docs/reference/keeper-config.md',
      text: settingsPage({
        service: 'keeper',
        source: 'services/keeper/src/config.ts',
        schema: keeperSchema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as SettingSchema,
      }),
    },
    {
      path: 'docs/reference/witness-config.md',
      text: settingsPage({
        service: 'witness',
        source: 'services/billing/src/witness/config.ts',
        schema: witnessSchema.toJSONSchema({
          io: 'input',
          unrepresentable: 'any',
        }) as SettingSchema,
      }),
    },
    {
      path: 'docs/reference/verifier-config.md',
      text: settingsPage({
        service: 'verifier',
        source: 'services/verifier/src/config.ts',
        schema: verifierSchema.toJSONSchema({
          io: 'input',
          unrepresentable: 'any',
        }) as SettingSchema,
      }),
    },
  ]
}

function contractText(path: string): string {
  return readFileSync(resolve(import.meta.dir, '../../../contracts', path), 'utf8')
}
