/** `simulate --list`: the protocols and the adversaries. */
import { behaviours } from '../../adversary/index.ts'
import { stacks } from '../../catalogue/index.ts'
import type { Output } from '../../program/output.ts'

export function list(output: Output): void {
  const protocols = stacks.map(({ resilience, build: _, ...stack }) => ({
    ...stack,
    resilience: resilience.formula
  }))
  const { bold, dim } = output.colors
  const lines = [
    bold('Protocols'),
    ...protocols.map(
      ({ name, title, model, resilience }) =>
        `  ${name.padEnd(30)} ${title} ${dim(`(${model.name}, ${resilience})`)}`
    ),
    '',
    bold('Adversaries'),
    ...behaviours.map(({ name, powers, live }) => `  ${(name + (live ? '*' : '')).padEnd(30)} ${powers}`),
    '',
    dim('* also for live groups: cluster --behaviour')
  ]
  output.result(protocols, lines.join('\n'))
}
