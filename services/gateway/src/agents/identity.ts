import { readFileSync } from 'node:fs'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import { createDigestSigner, type DigestSigner } from '@mooring/onchain/digest-signer'
import { openKeystore } from '@mooring/onchain/key-file'
import { whyNot } from '@mooring/settings/source'
import type { IdentitySettings } from './settings.ts'

/** What a gateway is to nodes: a member of the set of gateways of one deployment. */
export type Identity = { signer: DigestSigner; deployment: Deployment }

/** What is wrong with the files of an identity, and with which setting. */
export type IdentityProblem = { setting: 'deployment' | 'keyFile'; message: string }

/** Reads the files that the settings name. Throws nothing: what is wrong is a value. */
export function readIdentity(settings: IdentitySettings): Identity | IdentityProblem {
  const { deployment: deploymentFile, keyFile, password } = settings
  const deployment = read(deploymentFile, parseDeployment)
  if (typeof deployment === 'string') return { setting: 'deployment', message: deployment }
  const signer = read(keyFile, (text) => createDigestSigner(openKeystore(text, password)))
  if (typeof signer === 'string') return { setting: 'keyFile', message: signer }
  return { signer, deployment }
}

function read<T extends object>(file: string, parse: (text: string) => T): T | string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return `${file} cannot be read: ${whyNot(error)}`
  }
  try {
    return parse(text)
  } catch (error) {
    return `${file} is not what it has to be: ${error instanceof Error ? error.message : error}`
  }
}
