import { freshness } from './signals/freshness.ts'
import { latency } from './signals/latency.ts'
import type { Signal } from './signals/signal.ts'
import { stake } from './signals/stake.ts'
import { success } from './signals/success.ts'
import { workload } from './signals/workload.ts'

/** The factors of the score, in the order they are published. */
export const signals: readonly Signal[] = [freshness, latency, success, workload, stake]
