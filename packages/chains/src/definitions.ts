import type { ChainDefinition } from './chain.ts'
import { arbitrum } from './definitions/arbitrum.ts'
import { arbitrumNova } from './definitions/arbitrum_nova.ts'
import { arbitrumSepolia } from './definitions/arbitrum_sepolia.ts'
import { avalanche } from './definitions/avalanche.ts'
import { avalancheFuji } from './definitions/avalanche_fuji.ts'
import { base } from './definitions/base.ts'
import { baseSepolia } from './definitions/base_sepolia.ts'
import { berachain } from './definitions/berachain.ts'
import { blast } from './definitions/blast.ts'
import { blastSepolia } from './definitions/blast_sepolia.ts'
import { bsc } from './definitions/bsc.ts'
import { bscTestnetChapel } from './definitions/bsc_testnet_chapel.ts'
import { celo } from './definitions/celo.ts'
import { celoSepolia } from './definitions/celo_sepolia.ts'
import { eth } from './definitions/eth.ts'
import { ethHolesky } from './definitions/eth_holesky.ts'
import { ethHoodi } from './definitions/eth_hoodi.ts'
import { ethSepolia } from './definitions/eth_sepolia.ts'
import { fantom } from './definitions/fantom.ts'
import { gnosis } from './definitions/gnosis.ts'
import { gnosisChiado } from './definitions/gnosis_chiado.ts'
import { linea } from './definitions/linea.ts'
import { lineaSepolia } from './definitions/linea_sepolia.ts'
import { localOne } from './definitions/local_one.ts'
import { localTwo } from './definitions/local_two.ts'
import { mantle } from './definitions/mantle.ts'
import { mantleSepolia } from './definitions/mantle_sepolia.ts'
import { monad } from './definitions/monad.ts'
import { moonbeam } from './definitions/moonbeam.ts'
import { optimism } from './definitions/optimism.ts'
import { optimismSepolia } from './definitions/optimism_sepolia.ts'
import { polygon } from './definitions/polygon.ts'
import { polygonAmoy } from './definitions/polygon_amoy.ts'
import { scroll } from './definitions/scroll.ts'
import { scrollSepolia } from './definitions/scroll_sepolia.ts'
import { sonic } from './definitions/sonic.ts'
import { unichain } from './definitions/unichain.ts'
import { zksyncEra } from './definitions/zksync_era.ts'
import { zksyncEraSepolia } from './definitions/zksync_era_sepolia.ts'

const shipped: readonly ChainDefinition[] = [
  eth,
  bsc,
  polygon,
  arbitrum,
  arbitrumNova,
  optimism,
  base,
  avalanche,
  fantom,
  celo,
  gnosis,
  linea,
  scroll,
  zksyncEra,
  mantle,
  blast,
  unichain,
  moonbeam,
  sonic,
  berachain,
  monad,
  ethSepolia,
  ethHolesky,
  ethHoodi,
  bscTestnetChapel,
  polygonAmoy,
  arbitrumSepolia,
  optimismSepolia,
  baseSepolia,
  avalancheFuji,
  gnosisChiado,
  lineaSepolia,
  scrollSepolia,
  celoSepolia,
  mantleSepolia,
  blastSepolia,
  zksyncEraSepolia,
  localOne,
  localTwo,
]

/** Every chain Mooring ships, by the name consumers type. A Map: a name such as `constructor` finds nothing. */
export const chainDefinitions: ReadonlyMap<string, ChainDefinition> = new Map(
  shipped.map((definition) => [definition.name, definition]),
)
