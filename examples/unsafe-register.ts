/**
 * A register that is not safe, to be broken by the simulator.
 *
 *     npx byzkit simulate examples/unsafe-register.ts --trace unsafe.jsonl
 *     npx byzkit replay unsafe.jsonl --protocol examples/unsafe-register.ts
 *
 * The first register of many a lecture: a number from 0 to 11 is kept in four binary registers, br-0 to br-3, one for
 * each of its digits.
 *
 *     function mvr.write(v):  (b3 b2 b1 b0) := v; for i in 0..3 do br-i.write(b_i); return ACK
 *     function mvr.read():    for i in 0..3 do v_i := br-i.read(); return (v3 v2 v1 v0)
 *
 * Each of the four is a good register: here a regular one, by majority voting. Together they are none. While 6 = 0110 is
 * written over 9 = 1001, a read may meet some new digits and some old ones, and return 15 = 1111: that was never written,
 * and is no value of the register at all. Even a safe register, which may return anything while it is being written,
 * returns a value of its domain; a regular one returns the old value or the new one, and so this claims to do.
 *
 * The simulator writes byte strings instead of numbers, so a digit is a quarter of one. What is wrong is the same. For
 * how it is done, see src/registers/single-reader-to-multi-reader-atomic-register.ts: values go with their timestamps.
 */
import {
  Component,
  concatBytes,
  type Environment,
  failSilent,
  MajorityVotingRegister,
  moreThanTwoF,
  type PlainValue,
  type ReadResult,
  type RegisterId,
  type RegisterRequests,
  type RegisterStack,
  registerService,
  type WriteResult
} from 'byzkit/protocols'

const DIGITS = 4

/** The register of one digit. */
const digitOf = ({ writers, name }: RegisterId, i: number): RegisterId => ({
  writers,
  name: `${name}/br-${i}`
})

function digitsOf(value: Uint8Array): Uint8Array[] {
  const length = Math.ceil(value.length / DIGITS)
  return Array.from({ length: DIGITS }, (_, i) => value.subarray(i * length, (i + 1) * length))
}

export class MultiValuedRegister extends Component implements RegisterRequests {
  readonly #digits: RegisterRequests

  constructor(env: Environment, path: string, digits: RegisterRequests) {
    super(env, path, {})
    this.#digits = digits
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void) {
    const digits = digitsOf(value)
    const writeFrom = (i: number) => {
      const digit = digits[i]
      if (digit === undefined) return returned({ written: true, timestamp: 0 })
      this.#digits.write(digitOf(register, i), digit, () => this.env.trigger(() => writeFrom(i + 1)))
    }
    this.request('write', [register.name, value], () => writeFrom(0))
    return { abandon() {} }
  }

  read(register: RegisterId, returned: (result: ReadResult) => void) {
    const digits: (Uint8Array | null)[] = []
    const readFrom = (i: number) => {
      if (i === DIGITS) return returned({ value: wholeOf(digits), timestamp: 0 })
      this.#digits.read(digitOf(register, i), ({ value }) => {
        digits.push(value)
        this.env.trigger(() => readFrom(i + 1))
      })
    }
    this.request('read', [register.name], () => readFrom(0))
    return { abandon() {} }
  }

  override state(): PlainValue {
    return null
  }
}

/** Null, the initial value, where no digit was ever written. */
function wholeOf(digits: readonly (Uint8Array | null)[]): Uint8Array | null {
  const written = digits.filter((digit) => digit !== null)
  return written.length === 0 ? null : concatBytes(...written)
}

const NAME = 'unsafe-multi-valued-register'

const unsafeMultiValuedRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: NAME,
  title: 'a register of several digits, each in a regular register of its own',
  source: 'the binary digits of Lamport 1986, misused',
  model: failSilent,
  resilience: moreThanTwoF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity'],
  landmarks: ['read-overlapping-write'],
  build(env, ports, options, application) {
    const digits = new MajorityVotingRegister(env, `${NAME}/digits`, ports, options, application)
    const register = new MultiValuedRegister(env, NAME, digits)
    return {
      services: { registers: register },
      restore() {},
      state: () => ({ [digits.path]: digits.state() })
    }
  }
}

export default unsafeMultiValuedRegister
