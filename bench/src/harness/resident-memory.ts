/** Resident memory as `/proc/{pid}/status` tells it, in mebibytes. */
export function parseResidentMib(text: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  if (kibibytes === undefined) throw new Error('not the status of a process with memory')
  return Number(kibibytes) / 1_024
}

/** Throws when the process has ended. */
export async function residentMibOf(pid: number): Promise<number> {
  return parseResidentMib(await Bun.file(`/proc/${pid}/status`).text())
}
