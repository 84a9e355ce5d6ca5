import type { Command } from 'commander'

/** The beginning of a command's help: what people copy. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`
}

/** A command and all below it, each with its name in full. */
export function commandsOf(
  command: Command,
  parents: readonly string[] = [],
): [name: string, Command][] {
  const path = [...parents, command.name()]
  return [
    [path.join(' '), command],
    ...command.commands.flatMap((child) => commandsOf(child, path)),
  ]
}

/** After each message of wrong usage: how the command is used, and where more is said. */
export function showWayOnAfterErrors(program: Command): void {
  for (const [name, command] of commandsOf(program)) {
    const usage = command.createHelp().commandUsage(command)
    command.showHelpAfterError(`Usage: ${usage}\nMore with \`npx ${name} --help\`.`)
  }
}
