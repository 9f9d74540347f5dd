/** The stack that an application names, or brings. */
import { findStack } from '../catalogue/index.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { shown } from '../core/parameters.ts'
import type { Stack } from '../stacks/stack.ts'

/** @throws InvalidParametersError if there is none of that name */
export function chosenStack(stack: string | Stack): Stack {
  if (typeof stack !== 'string') return stack
  const found = findStack(stack)
  if (found !== undefined) return found
  throw new InvalidParametersError(
    `stack: there is no ${shown(stack)}; byzkit simulate --list names those there are`
  )
}

/** @throws InvalidParametersError if there is none, or its members serve nobody but each other */
export function chosenClientStack(stack: string | Stack): Stack {
  const chosen = chosenStack(stack)
  if (chosen.clients === true) return chosen
  throw new InvalidParametersError(`stack: ${chosen.name} has no clients: its members alone use it`)
}
