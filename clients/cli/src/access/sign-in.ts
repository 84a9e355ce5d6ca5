import type { LocalAccount } from 'viem'
import { createSiweMessage } from 'viem/siwe'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { askAccounts, numberIn, recordIn, textIn } from './accounts-service.ts'
import type { Session } from './session.ts'

/**
 * Signs in with a wallet, as EIP-4361 says. The message names the service it is sent to and nothing else: a service
 * that would have another's name signed could sign in there in our place.
 */
export async function signIn(
  context: Context,
  accounts: string,
  account: Pick<LocalAccount, 'address' | 'signMessage'>,
): Promise<Session> {
  const path = '/v1/auth/nonce'
  const given = await askAccounts(context, { accounts, method: 'POST', path })
  const { host, origin } = new URL(accounts)
  const domain = textIn(given, 'domain')
  const uri = URL.parse(textIn(given, 'uri'))
  if (domain !== host || uri?.origin !== origin) {
    throw new CommandError(
      'refused',
      `What answers at ${accounts} wants a sign-in for another service to be signed. Nothing was signed: use the address that the service itself is known by.`,
    )
  }
  const message = messageFor(given, { address: account.address, domain, uri: origin })
  const signature = await account.signMessage({ message })
  const body = { message, signature }
  const signedIn = await askAccounts(context, {
    ...{ accounts, method: 'POST', path: '/v1/auth/siwe', body },
  })
  const session = recordIn(signedIn, 'session')
  return {
    accounts,
    token: textIn(signedIn, 'token'),
    account: textIn(session, 'wallet'),
    endsAt: numberIn(session, 'endsAt'),
  }
}

function messageFor(
  given: Record<string, unknown>,
  { address, domain, uri }: { address: LocalAccount['address']; domain: string; uri: string },
): string {
  const nonce = textIn(given, 'nonce')
  const chainId = numberIn(given, 'chainId')
  if (!/^[A-Za-z0-9]{8,128}$/.test(nonce) || !Number.isSafeInteger(chainId) || chainId < 1) {
    throw new CommandError('unexpected', 'The accounts service gave a nonce that is none.')
  }
  return createSiweMessage({
    ...{ address, domain, uri, nonce, chainId, version: '1' },
    statement: 'Sign in to Mooring.',
    issuedAt: new Date(),
  })
}
