/**
 * `byzkit/fast-check`: groups, setups, schedules and adversaries as arbitraries of fast-check, which is an optional
 * peer dependency: whoever imports this has it installed.
 *
 * @module
 */
export * from './laboratory/arbitraries.ts'
