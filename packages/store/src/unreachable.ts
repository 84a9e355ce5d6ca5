import { SQL } from 'bun'

/** What the server itself says, by SQLSTATE: why it lets nobody in, and the way on. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'it refuses the user or the password: correct them in the URL',
  '28000': 'it lets this user in from nowhere here: look at its pg_hba.conf',
  '3D000': 'it has no such database: create it there, or correct its name in the URL',
  '53300': 'it has no connection left: raise its max_connections, or use fewer here',
  '57P03': 'it is starting or stopping: try again in a moment',
}

/**
 * Why a database could not be reached, in words for whoever wrote its URL.
 *
 * @param url - May hold a password, of which nothing is told.
 */
export function unreachable(url: string, error: unknown): Error {
  const { code, errno, message } = Object(error) as Record<string, unknown>
  const reason = refusals[String(errno)] ?? connectionProblems[String(code)] ?? String(message)
  return new Error(`PostgreSQL ${placeOf(url)} cannot be used: ${reason}`, {
    cause: causeOf(error),
  })
}

/** By the words of Bun. */
const connectionProblems: Readonly<Record<string, string>> = {
  ERR_POSTGRES_CONNECTION_REFUSED:
    'nothing answers there: start it, or correct host and port in the URL',
  ERR_POSTGRES_CONNECTION_FAILED:
    'it hung up at once: what listens there may be no PostgreSQL, so look at host and port in the URL',
  ERR_POSTGRES_CONNECTION_TIMEOUT:
    'it does not answer in time: see whether it is PostgreSQL and not too busy, or correct host and port in the URL',
}

function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'of the URL'
  const { hostname, port, pathname } = new URL(url)
  return `at ${hostname}:${port || '5432'}, database "${decodeURIComponent(pathname.slice(1))}",`
}

/** For the log of whoever runs it; an error of another kind may quote the URL. */
function causeOf(error: unknown): unknown {
  return error instanceof SQL.PostgresError ? error : undefined
}
