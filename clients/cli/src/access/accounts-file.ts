import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { parseJson } from '../http.ts'
import { refusalOf } from './accounts-service.ts'
import type { Session } from './session.ts'

/** So long a file may pause. The whole of it may take any time. */
const pauseMsMax = 30_000

/** Prints a file of the accounts service as it comes, whatever its size. Throws when it breaks off. */
export async function printAccountsFile(
  context: Context,
  { accounts, token }: Session,
  path: string,
): Promise<void> {
  const pause = startPause()
  try {
    const response = await context.fetch(`${accounts}${path}`, {
      // Whoever sends somewhere else would have what is borne taken there.
      ...{ redirect: 'error', signal: pause.signal },
      headers: { authorization: `Bearer ${token}` },
    })
    if (!response.ok) throw refusalOf(accounts, response.status, parseJson(await response.text()))
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      pause.restart()
      context.stdout.write(plain(decoder.decode(chunk, { stream: true })))
    }
    context.stdout.write(plain(decoder.decode()))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      'unreachable',
      `The accounts service at ${accounts} did not send the whole file: what was printed is a part of it.`,
      { cause: error },
    )
  } finally {
    pause.stop()
  }
}

function startPause() {
  const controller = new AbortController()
  const start = () => setTimeout(() => controller.abort(), pauseMsMax)
  let timer = start()
  return {
    signal: controller.signal,
    restart() {
      clearTimeout(timer)
      timer = start()
    },
    stop: () => clearTimeout(timer),
  }
}

/** Without what steers a terminal, where lines may end. */
function plain(text: string): string {
  return text.replaceAll(/(?![\r\n\t])[\p{Cc}\p{Cf}]/gu, ' ')
}
