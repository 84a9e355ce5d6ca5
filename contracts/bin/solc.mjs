#!/usr/bin/env node
// npm's solc as the executable forge asks for, on all processors. Node runs it faster than Bun, and forge waits for
// every byte: past 128 KiB a plain write to a pipe is cut off when the process ends, so the text is written piece by
// piece.
import { readFileSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import solc from 'solc'

/** A thread takes seconds to read all sources, so few files are not worth one. */
const filesEachMin = 8
const threadsMax = 8

function write(text) {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

/**
 * Every thread is given all sources and asked for the contracts of some: solc generates code for what it is asked for,
 * and that is what takes the time.
 */
async function compile(input) {
  const selections = selectionsOf(input)
  if (selections.length < 2) return solc.compile(JSON.stringify(input))
  const outputs = await Promise.all(
    selections.map((outputSelection) => {
      const settings = { ...input.settings, outputSelection }
      return compileInThread(JSON.stringify({ ...input, settings }))
    }),
  )
  return JSON.stringify(merged(outputs.map((text) => JSON.parse(text))))
}

/** Parts of about the same size, by the length of the sources. */
function selectionsOf({ sources, settings }) {
  const files = Object.keys(settings?.outputSelection ?? {})
  // `*` stands for all files: how long they are is not said.
  if (files.includes('*')) return []
  const threads = Math.min(
    availableParallelism(),
    threadsMax,
    Math.floor(files.length / filesEachMin),
  )
  const parts = Array.from({ length: threads }, () => ({ length: 0, selection: {} }))
  const lengthOf = (file) => sources[file]?.content?.length ?? 0
  for (const file of files.sort((one, other) => lengthOf(other) - lengthOf(one))) {
    const [smallest] = parts.sort((one, other) => one.length - other.length)
    if (smallest === undefined) return []
    smallest.length += lengthOf(file)
    smallest.selection[file] = settings.outputSelection[file]
  }
  return parts.map(({ selection }) => selection)
}

function compileInThread(text) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: text })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`solc ended with ${code}`)))
  })
}

/** Sources have the same numbers in every output, because every thread was given the same. */
function merged(outputs) {
  const errors = new Map()
  for (const error of outputs.flatMap((output) => output.errors ?? [])) {
    errors.set(error.formattedMessage ?? JSON.stringify(error), error)
  }
  return {
    ...(errors.size === 0 ? {} : { errors: [...errors.values()] }),
    sources: Object.assign({}, ...outputs.map(({ sources }) => sources)),
    contracts: Object.assign({}, ...outputs.map(({ contracts }) => contracts)),
  }
}

if (!isMainThread) {
  parentPort.postMessage(solc.compile(workerData))
} else if (process.argv.includes('--version')) {
  const version = solc.version().replace('.Emscripten.clang', '.Linux.g++')
  write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`)
} else if (process.argv.includes('--standard-json')) {
  write(await compile(JSON.parse(readFileSync(0, 'utf8'))))
} else {
  process.stderr.write('solc.mjs: only --version and --standard-json are served\n')
  process.exitCode = 1
}
