/** The model of a protocol of one's own: by name, as a value, or the one that asks least of it. */
import { InvalidParametersError } from '../core/errors.ts'
import { alteredModel, failArbitrary, findModel, type Model, namedModels } from '../core/model.ts'

const onPerfectLinks = alteredModel(failArbitrary, { crashes: 'stop', links: 'perfect' })

/**
 * @param given - default: fail-arbitrary on perfect links
 * @param maker - for the message
 * @throws InvalidParametersError if there is no model of that name
 */
export function ownModel(given: Model | string = onPerfectLinks, maker: string): Model {
  if (typeof given === 'object') return given
  const found = findModel(given)
  if (found !== undefined) return found
  const names = namedModels.map(({ name }) => name).join(', ')
  throw new InvalidParametersError(
    `${maker}: there is no model ${JSON.stringify(given)}: ${names}, or one of your own (defineModel)`
  )
}
