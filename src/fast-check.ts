/**
 * `byzkit/fast-check`: groups, setups, schedules and adversaries as arbitraries of fast-check, which is an optional
 * peer dependency: whoever imports this has it installed.
 *
 * @module byzkit/fast-check
 */
import './crypto/supported-node.ts'

export {
  ARBITRARY_CHOICES_MAX,
  ARBITRARY_MEMBERS_MAX,
  adversaries,
  type GroupBounds,
  groups,
  type RecordingBounds,
  recordings,
  schedules,
  setups
} from './laboratory/arbitraries.ts'
