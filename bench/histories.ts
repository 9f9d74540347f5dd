/** CPU time of judging long histories of one contended object: `node --conditions=byzkit-source bench/histories.ts [SEED]`. */
import { checkLinearizable } from '../src/checkers/linearizability.ts'
import { casRegisterModel, kvModel, registerModel } from '../src/checkers/models.ts'
import { SeededRandom } from '../src/simulator/seeded-random.ts'
import { type HistoryInit, mutate, randomHistory } from '../test/checkers/random-history.ts'

const models = { register: registerModel(), 'cas-register': casRegisterModel(), kv: kvModel }

function measure(title: string, init: HistoryInit, seed = Number(process.argv[2] ?? 1)): void {
  const random = new SeededRandom(seed, 'bench')
  const right = randomHistory(random, init)
  let wrong = right
  for (let i = 0; i < 10; i++) wrong = mutate(random, wrong)
  for (const [kind, history] of [
    ['right', right],
    ['mutated', wrong]
  ] as const) {
    const before = process.cpuUsage()
    let said: string
    try {
      const { contradiction } = checkLinearizable(history, models[init.model])
      said =
        contradiction === undefined ? 'valid' : `${contradiction.operations.length} contradict each other`
    } catch (error) {
      said = String(error)
    }
    const { user, system } = process.cpuUsage(before)
    const seconds = ((user + system) / 1e6).toFixed(2).padStart(7)
    console.log(`${title.padEnd(44)} ${kind.padEnd(8)} ${seconds} s CPU  ${said}`)
  }
}

const base = { operations: 5000, processes: 10, infoPpm: 0, readPpm: 500_000 }
for (const model of ['register', 'cas-register', 'kv'] as const) {
  measure(`${model}, values all different`, { ...base, model, values: 0 })
  measure(`${model}, 5 values`, { ...base, model, values: 5 })
  measure(`${model}, 5 values, 10% reads`, { ...base, model, values: 5, readPpm: 100_000 })
  measure(`${model}, different, 10% reads`, { ...base, model, values: 0, readPpm: 100_000 })
  measure(`${model}, different, 1% info`, { ...base, model, values: 0, infoPpm: 10_000 })
  measure(`${model}, 5 values, 1% info`, { ...base, model, values: 5, infoPpm: 10_000 })
}
measure('kv, different, appends only', { ...base, model: 'kv', values: 0, appendOnly: true })
