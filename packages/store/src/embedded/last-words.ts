const linesMax = 10
/** Room left for lines that report nothing wrong: what it did last. */
const calmLinesMax = 3
const lineCharsMax = 300

/**
 * What follows a sentence about a process that ended: a few lines of its output, errors and warnings
 * first. Plain lines count as such, because what logs JSON writes plain text only when it breaks.
 */
export function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return ' and wrote nothing'
  const grave = lines.filter(isGrave).slice(-linesMax)
  const calmRoom = Math.min(calmLinesMax, linesMax - grave.length)
  const calm = lines.filter((line) => !isGrave(line))
  const shown = [...grave, ...calm.slice(Math.max(0, calm.length - calmRoom))].map(shortened)
  const isWhole = shown.join('\n').length >= lines.join('\n').length
  const note = isWhole ? [] : ['(the rest of its output is not kept)']
  return `:\n${[...shown, ...note].join('\n')}`
}

function isGrave(line: string): boolean {
  // A deep stack would push out the error that it belongs to.
  if (/^\s+at /.test(line)) return false
  const level = /^\{.*?"level":"(\w+)"/.exec(line)?.[1]
  return level === undefined || ['warn', 'error', 'fatal'].includes(level)
}

function shortened(line: string): string {
  return line.length > lineCharsMax ? `${line.slice(0, lineCharsMax)}…` : line
}
