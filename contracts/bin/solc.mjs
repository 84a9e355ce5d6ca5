#!/usr/bin/env node
// npm's solc as the executable forge asks for. Node runs it faster than Bun, and forge waits for every byte:
// past 128 KiB a plain write to a pipe is cut off when the process ends, so the text is written piece by piece.
import { readFileSync, writeSync } from 'node:fs'
import solc from 'solc'

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

if (process.argv.includes('--version')) {
  const version = solc.version().replace('.Emscripten.clang', '.Linux.g++')
  write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`)
} else if (process.argv.includes('--standard-json')) {
  write(solc.compile(readFileSync(0, 'utf8')))
} else {
  process.stderr.write('solc.mjs: only --version and --standard-json are served\n')
  process.exitCode = 1
}
