/**
 * Kept schedules: shrunk runs that violate the property of a mutant while it lives, and nothing without it. Each is a trace
 * file without its events, `schedules/NAME.jsonl`: `byzkit replay --edited` runs it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Recording, readRecording } from './laboratory.ts'

const pathOf = (mutant: string) => fileURLToPath(new URL(`./schedules/${mutant}.jsonl`, import.meta.url))

/** @throws Error if there is none, or it is no trace file */
export function readSchedule(mutant: string): Recording {
  return readRecording(`mutants/schedules/${mutant}.jsonl`, readFileSync(pathOf(mutant), 'utf8'))
}

/** @returns the path of the file */
export function writeSchedule(mutant: string, lines: readonly string[]): string {
  writeFileSync(pathOf(mutant), `${lines.join('\n')}\n`)
  return `mutants/schedules/${mutant}.jsonl`
}
