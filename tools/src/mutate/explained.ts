import type { Explained } from './report.ts'

/** Mutants that live, each with the reason why that is right. A reason that no mutant has any more fails a test. */
export const explained: readonly Explained[] = []
