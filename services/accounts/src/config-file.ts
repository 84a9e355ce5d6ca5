import { parseDeployment } from '@mooring/onchain/deployment'
import type { Environment } from '@mooring/settings/environment'
import { type LoadedSettings, loadSettingsAnd } from '@mooring/settings/load'
import { readNamedFile } from '@mooring/settings/named-file'
import type { Report } from '@mooring/settings/problems'
import { type AccountsConfig, configSchema } from './config.ts'

/** Reads a configuration, and sees whether the deployment that it names is one of its chain. */
export function loadConfig(
  file: string,
  environment: Environment,
): Promise<LoadedSettings<AccountsConfig>> {
  return loadSettingsAnd({
    ...{ schema: configSchema, file, environment },
    also: async (config, report) => {
      await checkDeposits(config, report)
      return config
    },
  })
}

async function checkDeposits({ deposits, signIn }: AccountsConfig, report: Report): Promise<void> {
  if (deposits === undefined) return
  const { deployment: file, verifiers, verifiersMin } = deposits
  if (verifiersMin > verifiers.length) {
    const path = ['deposits', 'verifiersMin']
    report(path, `${verifiersMin} must agree, and ${verifiers.length} are listed`)
  }
  const tell = (message: string) => report(['deposits', 'deployment'], message)
  const deployment = await readNamedFile({ file, parse: parseDeployment, tell })
  if (deployment !== undefined && deployment.chainId !== signIn.chainId) {
    tell(`${file} is of chain ${deployment.chainId}, and signIn.chainId is ${signIn.chainId}`)
  }
}
