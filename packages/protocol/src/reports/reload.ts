/** `POST /v1/config/reload` of the admin port, and `?dryRun=1` of it. */
export type ReloadReport = {
  /** False after a dry run, and where there is a problem: then nothing changed. */
  applied: boolean
  problems: { path: string; line: number | null; message: string }[]
  /** What differs from the configuration in force. `needsRestart`: not taken over by a reload. */
  changes: { what: string; change: 'added' | 'removed' | 'changed'; needsRestart: boolean }[]
  /** By chain: the part of the last five minutes' relays that would go to another upstream. */
  chains: { chain: string; movedPercent: number }[]
}
