import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { addAccountCommand } from './account/account.ts'
import { addLoginCommands } from './account/login.ts'
import { addBillingCommand } from './billing/billing.ts'
import { addDemoCommand } from './demo/demo.ts'
import type { RunMooring } from './demo/premium/stage.ts'
import { addDeployCommand } from './deploy/deploy.ts'
import { addDepositCommand } from './deposit.ts'
import { addEconomyCommand } from './economy/economy.ts'
import { addEpochCommand } from './epoch/epoch.ts'
import { addEscrowCommand } from './escrow/escrow.ts'
import { addFeesCommand } from './fees/fees.ts'
import { addKeysCommand } from './keys/keys.ts'
import { addNodeCommand } from './node/node.ts'
import { addPostCommand } from './post/post.ts'
import { addPriceCommand } from './prices/price.ts'
import { addPricesCommand } from './prices/prices.ts'
import { addProviderCommand } from './provider/provider.ts'
import { addProvidersCommand } from './providers/providers.ts'
import { addSignerCommand } from './signer/signer.ts'
import { addSolvencyCommand } from './solvency/solvency.ts'
import { addClaimCommand } from './stake/claim.ts'
import { addPositionCommand } from './stake/position.ts'
import { addRequestCommands } from './stake/requests.ts'
import { addStakeCommands } from './stake/stake.ts'
import { addUnstakeCommands } from './stake/unstake.ts'
import { addTokenCommand } from './token/token.ts'
import { addUsageCommand } from './usage/usage.ts'

/** What signs for, or reads, the contracts. */
export function addEconomyCommands(program: Command, context: Context, run: RunMooring): void {
  addLoginCommands(program, context)
  addAccountCommand(program, context)
  addUsageCommand(program, context)
  addBillingCommand(program, context)
  addKeysCommand(program, context)
  addDepositCommand(program, context)
  addTokenCommand(program, context)
  addDemoCommand(program, context, run)
  addDeployCommand(program, context)
  addEconomyCommand(program, context)
  addProviderCommand(program, context)
  addProvidersCommand(program, context)
  addNodeCommand(program, context)
  addStakeCommands(program, context)
  addUnstakeCommands(program, context)
  addClaimCommand(program, context)
  addRequestCommands(program, context)
  addPositionCommand(program, context)
  addEscrowCommand(program, context)
  addFeesCommand(program, context)
  addSignerCommand(program, context)
  addPostCommand(program, context)
  addEpochCommand(program, context)
  addSolvencyCommand(program, context)
  addPricesCommand(program, context)
  addPriceCommand(program, context)
}
