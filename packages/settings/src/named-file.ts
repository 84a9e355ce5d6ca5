import { readFile } from 'node:fs/promises'
import { whyNot } from './source.ts'

export type NamedFile<T> = {
  file: string
  /** Throws when the text is not what it has to be. */
  parse: (text: string) => T
  /** Hears what is wrong, at the setting that names the file. */
  tell: (message: string) => void
}

/** Reads a file that a setting names. @returns Undefined when something is wrong with it. */
export async function readNamedFile<T>({
  file,
  parse,
  tell,
}: NamedFile<T>): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    tell(`${file} cannot be read: ${whyNot(error)}`)
    return undefined
  }
  try {
    return parse(text)
  } catch (error) {
    tell(`${file} is not what it has to be: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}
