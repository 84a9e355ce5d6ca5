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
const testsFolder = 'contracts/test/'
/** Their handlers are called a million times in deep runs. */
const invariantsFolder = 'contracts/test/invariant/'
const noOptimizer = { enabled: false }

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
 * and that is what takes the time. Nine tenths of it went into optimizing tests, which nobody deploys, so those are left
 * as they are. What they test is optimized: tests deploy it from its own artifact (`dynamic_test_linking`).
 */
async function compile(input) {
  const parts = partsOf(input)
  if (parts.length === 0) return solc.compile(JSON.stringify(input))
  const outputs = await Promise.all(parts.map((part) => compileInThread(JSON.stringify(part))))
  return JSON.stringify(merged(outputs.map((text) => JSON.parse(text))))
}

/** The input in parts of about the same size, those of tests apart from the others. */
function partsOf(input) {
  const files = Object.keys(input.settings?.outputSelection ?? {})
  // `*` stands for all files: how long they are is not said.
  if (files.includes('*')) return []
  const isPlain = (file) => file.startsWith(testsFolder) && !file.startsWith(invariantsFolder)
  const tests = files.filter(isPlain)
  const others = files.filter((file) => !isPlain(file))
  const { settings } = input
  return [
    ...split(input, others).map((outputSelection) => ({
      ...input,
      settings: { ...settings, outputSelection },
    })),
    ...split(input, tests).map((outputSelection) => ({
      ...input,
      settings: { ...settings, outputSelection, optimizer: noOptimizer },
    })),
  ]
}

/** Selections of about the same length of source. */
function split({ sources, settings }, files) {
  if (files.length === 0) return []
  const most = Math.min(availableParallelism(), threadsMax)
  const count = Math.max(1, Math.min(most, Math.floor(files.length / filesEachMin)))
  const parts = Array.from({ length: count }, () => ({ length: 0, selection: {} }))
  const lengthOf = (file) => sources[file]?.content?.length ?? 0
  for (const file of files.sort((one, other) => lengthOf(other) - lengthOf(one))) {
    const [smallest] = parts.sort((one, other) => one.length - other.length)
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
