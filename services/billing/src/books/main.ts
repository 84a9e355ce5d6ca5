import { loadSettings } from '@mooring/settings/load'
import { problemsText } from '@mooring/settings/problems'
import { exitWith, exitWithCheck, readArguments, runProgram } from '@mooring/settings/program'
import { openDatabase } from '@mooring/store/database'
import { MonthStays } from '@mooring/store/ledger/archive'
import { systemClock } from '@mooring/telemetry/clock'
import { configSchema } from '../config.ts'
import { carryOut, parseWish, type Wish } from './books.ts'

const usage = `books --config FILE                  say what months are in the books of the billing service of FILE
books archive 2026-06 --config FILE  take the oldest month out of the books: its sums stay, its tables stand alone
books prove --config FILE            add up everything anew, and compare
books --check --config FILE          say whether FILE is right, as one JSON object
Answers are lines of JSON. Exit code 1: it could not be done, or the books are wrong.`

async function main(): Promise<void> {
  const { file, isCheck, words } = readArguments(usage, { wordsMax: 2 })
  const wish = parseWish(words)
  if (wish === undefined) return exitWith(2, usage)
  const loaded = await loadSettings(configSchema, file, process.env)
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const isSound = await answer(wish, loaded.settings.databaseUrl)
  if (!isSound) process.exitCode = 1
}

async function answer(wish: Wish, databaseUrl: string): Promise<boolean> {
  await using database = await openDatabase(databaseUrl, { connectionsMax: 1 })
  try {
    const { lines, isSound } = await carryOut(wish, database, systemClock.wallMs())
    for (const line of lines) process.stdout.write(`${line}\n`)
    return isSound
  } catch (error) {
    if (error instanceof MonthStays) return exitWith(1, error.message)
    throw error
  }
}

await runProgram(main)
