import { matchesIn, pathMatching, type TidyFile, type TidyRule } from './rule.ts'
import { endsInUnit, numericSettingsOf } from './units.ts'

const everywhere = () => true
const inCode = (file: TidyFile) => file.isCode
const inShippedCode = (file: TidyFile) => file.isCode && !file.isTest
const inPureCode = (file: TidyFile) => file.isPure && file.isCode && !file.isTest
const inTests = (file: TidyFile) => file.isCode && file.isTest

/** Chains are called what they are called, so a chain may be called `base`. */
const vagueName =
  /(?:^|[/-])(?:utils?|helpers?|common|shared|base|managers?)(?:\.test)?(?:\/|\.(?:ts|tsx|mjs|js|sol)$)/
/** Tables and what is written by a program grow with what they list. */
const mayBeLong =
  /(?:\.test\.tsx?|\.fixtures\.ts|-signals\.ts|\/methods\.ts)$|\/(?:definitions|fixtures)\//
const lineMax = 400

export const tidyRules: readonly TidyRule[] = [
  {
    name: 'vague name',
    // Chains and contracts are called what they are called.
    appliesTo: ({ path }) => !/\/definitions\/|^packages\/abis\/src\//.test(path),
    find: pathMatching(vagueName),
    message: 'Name the file or folder after the noun its content serves.',
  },
  {
    name: 'index file',
    appliesTo: everywhere,
    find: pathMatching(/(?:^|\/)index\.(?:ts|tsx|mjs|js)$/),
    message: 'Give the file the name of what it defines; importers name that file.',
  },
  {
    name: 're-export',
    appliesTo: inCode,
    find: matchesIn(
      'code',
      /(?<![\w.$])export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^{}]*\})\s*from\b/,
    ),
    message: 'Import from the file that defines the thing.',
  },
  {
    name: 'default export',
    appliesTo: (file) => file.isCode && !/(?:\.config\.\w+|\.d\.ts)$/.test(file.path),
    find: matchesIn('code', /(?<![\w.$])export\s+default\b|\bas\s+default\s*[,}]/),
    message: 'Export it by name, so that it has one name everywhere.',
  },
  {
    name: 'clock or chance on a pure floor',
    appliesTo: inPureCode,
    find: matchesIn(
      'code',
      /\bDate\.now\b|\bnew Date\(\s*\)|(?<![\w.])Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\bcrypto\.(?:randomUUID|getRandomValues)\b|(?<![\w.])set(?:Timeout|Interval|Immediate)\(/,
    ),
    message: 'Take the time or the chance as an argument.',
  },
  {
    name: 'environment on a pure floor',
    appliesTo: inPureCode,
    find: matchesIn('code', /(?<![\w.])(?:process|Bun|globalThis|console)\.\w+|(?<![\w.])fetch\(/),
    message: 'Take the data as an argument; the floor above reads it.',
  },
  {
    name: 'interval',
    appliesTo: (file) => inShippedCode(file) && !/\/page\//.test(file.path),
    find: matchesIn('code', /(?<![\w.])setInterval\(/),
    message: 'Write a loop that finishes one round before it begins the next.',
  },
  {
    name: 'bare reminder',
    appliesTo: inCode,
    find: matchesIn('comments', /\b(?:TODO|FIXME|XXX|HACK)\b(?!\([^)\s]+\): \S)/),
    message: 'Write TODO(topic): and what is missing and why it may wait, or do it now.',
  },
  {
    name: 'number without a unit',
    appliesTo: ({ path }) => /^services\/[^/]+\/src\/config(?:-[a-z]+)?\.ts$/.test(path),
    find: ({ masked }) =>
      numericSettingsOf(masked.code)
        .filter(({ name }) => !endsInUnit(name))
        .map(({ name, index }) => ({
          line: masked.code.slice(0, index).split('\n').length,
          found: name,
        })),
    message: 'End the name of a numeric setting in what it counts: timeoutMs, bodyBytesMax.',
  },
  {
    name: 'divider',
    appliesTo: inCode,
    find: matchesIn('comments', /(?:\/\/|\/\*+|^[ \t]*\*)[ \t]*[-=#~_*─━═]{3,}.*$/m),
    message: 'A file that needs sections is two files.',
  },
  {
    name: 'silenced type',
    appliesTo: inCode,
    find: matchesIn('code', /(?<![\w.])as\s+any\b/),
    message: 'Parse the value into its type, or name the type it has.',
  },
  {
    name: 'silenced compiler',
    appliesTo: inCode,
    find: matchesIn('comments', /@ts-(?:ignore|nocheck)\b.*|@ts-expect-error\s*$/m),
    message: 'Write @ts-expect-error and the reason, or mend the type.',
  },
  {
    name: 'focused test',
    appliesTo: inTests,
    find: matchesIn('code', /\b(?:test|it|describe)\.only\b/),
    message: 'It hides every other test; remove .only.',
  },
  {
    name: 'skipped test without a reason',
    appliesTo: inTests,
    find: (file) => findSkips(file).filter(({ line }) => !hasComment(file, line)),
    message: 'Say in a comment above it why it is skipped and when it comes back.',
  },
  {
    name: 'long file',
    appliesTo: (file) => file.isCode && !mayBeLong.test(file.path),
    find: ({ text }) => {
      const lines = text.split('\n').length - 1
      return lines > lineMax ? [{ line: 0, found: `${lines} lines` }] : []
    },
    message: `At most ${lineMax} lines. Move a whole idea into a file of its own.`,
  },
  {
    name: 'path of one machine',
    appliesTo: (file) => !file.isTest,
    find: matchesIn(
      'text',
      /(?<![\w.}/-])\/(?:work|tmp|home\/\w+|root|Users\/\w+)\/[\w.-]*|\.\.\/shared\//,
    ),
    message: 'Take the path from the configuration, the system or the repository.',
  },
  {
    name: 'registry address',
    appliesTo: ({ path }) => /(?:^|\/)(?:package-lock\.json|package\.json|\.npmrc)$/.test(path),
    find: matchesIn('text', /"resolved":\s*"https?:[^"]*|^\s*(?:@[\w-]+:)?registry\s*=.*$/m),
    message:
      'The registry is the business of the machine. Install with the .npmrc of this repository.',
  },
]

const findSkips = matchesIn('code', /\b(?:test|it|describe)\.(?:skip|skipIf|todo|todoIf)\b/)

/** Whether a comment stands in the line or in the one above. */
function hasComment({ masked }: TidyFile, line: number): boolean {
  return masked.comments
    .split('\n')
    .slice(Math.max(0, line - 2), line)
    .some((text) => text.trim() !== '')
}
