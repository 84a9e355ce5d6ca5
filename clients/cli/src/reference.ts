import type { Context } from './context.ts'
import { commandsOf } from './help.ts'
import { createProgram } from './program.ts'

/** Every command's help as one Markdown page, from the same text the terminal shows. */
export async function cliReference(): Promise<string> {
  const parts = [
    '# The command `mooring`',
    'The answer goes to stdout, talk goes to stderr. Inside a clone it runs as `npx mooring`.',
  ]
  const help: string[] = []
  const program = await createProgram(silentContext((text) => help.push(text)))
  for (const [name, command] of commandsOf(program)) {
    help.length = 0
    command.outputHelp()
    parts.push(`## ${name}`, `\`\`\`text\n${help.join('').trim()}\n\`\`\``)
  }
  return `${parts.join('\n\n')}\n`
}

/** Help reads nothing of the world: only where it is written matters. */
function silentContext(write: (text: string) => void): Context {
  return {
    stdout: { write, isTerminal: false, size: () => undefined },
    stderr: { write, isTerminal: false, size: () => undefined },
    prompter: undefined,
    fetch: () => Promise.reject(new Error('the reference asks nobody')),
    isPortFree: async () => true,
    readStdin: async () => '',
    cwd: '/',
    env: {},
    repository: undefined,
    interruption: () => new AbortController().signal,
  }
}
