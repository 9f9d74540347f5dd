/** What a chaos campaign is to do and to see, from the command line and a seed. */
import { parseArgs } from 'node:util'
import { findBehaviour } from '../src/adversary/index.ts'

export interface ChaosPlan {
  readonly seed: number
  readonly seconds: number
  readonly readers: number
  readonly consistency: 'atomic' | 'regular'
  readonly behaviour: string
  /** Where the history is written. */
  readonly history: string | undefined
  /** What the history must have, else the campaign proves nothing. */
  readonly required: Required
}

export interface Required {
  readonly operations: number
  readonly overlapping: number
  readonly outvoted: number
  readonly kills: number
}

/** In a campaign of a minute; a shorter one must see its share. */
const REQUIRED: Required = { operations: 2000, overlapping: 200, outvoted: 20, kills: 6 }
const REQUIRED_SECONDS = 60

/** What is wrong with the command line, in one line. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export interface ChaosCommand extends ChaosPlan {
  /** How many campaigns. */
  readonly seeds: number
  readonly mutant: string | undefined
  readonly help: boolean
}

/** @throws {UsageError} */
export function readPlan(args: readonly string[]): ChaosCommand {
  try {
    return parse(args)
  } catch (error) {
    throw error instanceof Error && 'code' in error ? new UsageError(error.message) : error
  }
}

function parse(args: readonly string[]): ChaosCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
      readers: { type: 'string', default: '8' },
      consistency: { type: 'string', default: 'atomic' },
      behaviour: { type: 'string', default: 'perjure' },
      history: { type: 'string' },
      mutant: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  const seconds = positive('seconds', values.seconds)
  const share = Math.min(1, seconds / REQUIRED_SECONDS)
  const { consistency } = values
  if (consistency !== 'atomic' && consistency !== 'regular')
    throw new UsageError(`--consistency ${consistency}: one of atomic, regular`)
  if (findBehaviour(values.behaviour)?.live !== true)
    throw new UsageError(`--behaviour ${values.behaviour}: no behaviour of live groups`)
  return {
    seed: positive('seed', values.seed),
    seeds: positive('seeds', values.seeds),
    seconds,
    readers: positive('readers', values.readers),
    consistency,
    behaviour: values.behaviour,
    history: values.history,
    mutant: values.mutant,
    help: values.help,
    required: {
      operations: Math.floor(REQUIRED.operations * share),
      overlapping: Math.floor(REQUIRED.overlapping * share),
      outvoted: Math.floor(REQUIRED.outvoted * share),
      kills: Math.floor(REQUIRED.kills * share)
    }
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${name} ${text}: a whole number from 1 on`)
  return value
}
