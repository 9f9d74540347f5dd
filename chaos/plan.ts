/** What a chaos campaign is to do and to see, from the command line and a seed. */
import { parseArgs } from 'node:util'
import { findBehaviour } from '../src/adversary/index.ts'
import { UsageError } from '../src/program/errors.ts'
import { requireStackOption } from '../src/program/member/member-identity.ts'
import type { Stack } from '../src/stacks/stack.ts'

/** Of every campaign. */
export const MEMBERS = 4

interface AnyPlan {
  readonly seed: number
  readonly seconds: number
}

/** Of the campaign on registers, which is what runs without `--stack`. */
export interface RegisterPlan extends AnyPlan {
  readonly stack: undefined
  readonly readers: number
  readonly consistency: 'atomic' | 'regular'
  readonly behaviour: string
  /** What the history must have, else the campaign proves nothing. */
  readonly required: {
    readonly operations: number
    readonly overlapping: number
    readonly outvoted: number
    readonly kills: number
  }
}

/** Of the campaign on any stack. */
export interface StackPlan extends AnyPlan {
  readonly stack: Stack
  /** Undefined: what shows on stacks of that kind. */
  readonly behaviour: string | undefined
  /** The same; kills where processes recover. */
  readonly required: { readonly operations: number; readonly kills: number }
}

export type ChaosPlan = RegisterPlan | StackPlan

export interface ChaosCommand {
  readonly plan: ChaosPlan
  /** How many campaigns. */
  readonly seeds: number
  readonly mutant: string | undefined
  /** Where the history is written. */
  readonly history: string | undefined
  readonly help: boolean
}

/** In a campaign of a minute; a shorter one must see its share. */
const REQUIRED = { operations: 2000, overlapping: 200, outvoted: 20, kills: 6 }
const REQUIRED_OF_STACKS = { operations: 20, kills: 6 }
const REQUIRED_SECONDS = 60

const OPTIONS = {
  stack: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '1' },
  seconds: { type: 'string', default: `${REQUIRED_SECONDS}` },
  readers: { type: 'string' },
  consistency: { type: 'string' },
  behaviour: { type: 'string' },
  history: { type: 'string' },
  mutant: { type: 'string' },
  help: { type: 'boolean', default: false }
} as const

/** @throws {UsageError} what is wrong with the command line, in one line */
export function readCommand(args: readonly string[]): ChaosCommand {
  const { values } = parsed(args)
  const { behaviour, history, mutant, help } = values
  const seeds = positive('seeds', values.seeds)
  if (history !== undefined && seeds > 1) throw new UsageError('--history is of one seed')
  const all = { seed: positive('seed', values.seed), seconds: positive('seconds', values.seconds) }
  if (behaviour !== undefined && findBehaviour(behaviour)?.live !== true)
    throw new UsageError(`--behaviour ${behaviour}: no behaviour of live groups`)
  const plan =
    values.stack === undefined
      ? registerPlan(all, { ...values, behaviour })
      : stackPlan(all, { ...values, stack: values.stack, behaviour })
  return { plan, seeds, mutant, history, help }
}

interface Given {
  readonly readers?: string | undefined
  readonly consistency?: string | undefined
  readonly behaviour: string | undefined
}

function registerPlan(
  all: AnyPlan,
  { readers = '8', consistency = 'atomic', behaviour = 'perjure' }: Given
): RegisterPlan {
  if (consistency !== 'atomic' && consistency !== 'regular')
    throw new UsageError(`--consistency ${consistency}: one of atomic, regular`)
  const required = shareOf(REQUIRED, all)
  return { ...all, stack: undefined, readers: positive('readers', readers), consistency, behaviour, required }
}

function stackPlan(
  all: AnyPlan,
  { stack: name, behaviour, ...ofRegisters }: Given & { readonly stack: string }
): StackPlan {
  const stack = requireStackOption(name)
  for (const option of ['readers', 'consistency'] as const)
    if (ofRegisters[option] !== undefined)
      throw new UsageError(`--${option} is of the campaign on registers, which goes without --stack`)
  if (behaviour !== undefined && !stack.model.liars)
    throw new UsageError(
      `--behaviour is what Byzantine members do, and ${name} has none: ${stack.model.name}`
    )
  return { ...all, stack, behaviour, required: shareOf(REQUIRED_OF_STACKS, all) }
}

function shareOf<R extends { readonly [what: string]: number }>(required: R, { seconds }: AnyPlan): R {
  const share = Math.min(1, seconds / REQUIRED_SECONDS)
  return Object.fromEntries(
    Object.entries(required).map(([what, count]) => [what, Math.floor(count * share)])
  ) as R
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS })
  } catch (error) {
    throw error instanceof Error && 'code' in error ? new UsageError(error.message) : error
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${name} ${text}: a whole number from 1 on`)
  return value
}
