import { createWallet } from '@mooring/onchain/clients'
import { callPart, type System } from '@mooring/onchain/contracts'
import { createSender } from '@mooring/onchain/send'
import { quoteData } from '@mooring/onchain/signed'
import { membersOf, officer } from './people.ts'

/** What the rate signers of a local economy say, brought to the chain. USD per ANKR times 1e18. */
export async function postRate(
  system: System & { rpc: string },
  usdPerAnkr: bigint,
): Promise<void> {
  const { reader, deployment, rpc } = system
  const { timestamp: observedAt } = await reader.getBlock()
  const signers = membersOf('rateSigner')
  const quotes = signers.map(() => usdPerAnkr)
  const signatures = await Promise.all(
    signers.map((signer) =>
      signer.signTypedData(quoteData(deployment, { usdPerAnkr, observedAt })),
    ),
  )
  const wallet = createWallet({ url: rpc, chainId: deployment.chainId }, officer('holder'))
  const sender = createSender({ reader, wallet })
  await sender.send(callPart(system, 'rateFeed', 'post', [observedAt, quotes, signatures]))
}
