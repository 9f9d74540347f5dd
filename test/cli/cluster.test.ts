import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BroadcastRecord } from '../../src/cluster/broadcast-record.ts'
import { judge } from '../../src/cluster/judgement.ts'
import { type ClusterOptions, planCluster } from '../../src/cluster/plan.ts'
import type { RegisterTour } from '../../src/cluster/register-tour.ts'
import { describeTour } from '../../src/cluster/table.ts'
import { Tally } from '../../src/cluster/tally.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createOutput } from '../../src/program/output.ts'
import { group } from '../wire/inputs.ts'
import { expectRefused, temporaryFolder } from './support.ts'

describe('byzkit cluster refuses', () => {
  it.each<[what: string, words: string[], line: string | RegExp]>([
    ['no members', ['--members', '0'], /Expected an integer from 1 to 16/],
    ['more members than a machine bears', ['--members', '17'], /Expected an integer from 1 to 16/],
    [
      'more liars than f',
      ['--members', '4', '--byzantine', '2'],
      '--byzantine 2: a group of 4 tolerates 1 (n > 3f), unless --beyond-resilience is given'
    ],
    [
      'liars alone',
      ['--byzantine', '4', '--beyond-resilience'],
      '--byzantine 4: of 4 members none would be correct'
    ],
    ['an unknown behaviour', ['--behaviour', 'x'], /^--behaviour x: one of silent, equivocate/],
    [
      'a behaviour that only the simulator has',
      ['--behaviour', 'swarm'],
      /^--behaviour swarm: one of silent/
    ],
    ['a behaviour of nobody', ['--byzantine', '0', '--behaviour', 'silent'], /asks for none$/],
    ['an unknown stack', ['--stack', 'x'], /^--stack x: one of /],
    [
      'an input for members that broadcast nothing',
      ['--stack', 'majority-max-register', '--input', 'empty'],
      '--input is what members broadcast, and those of majority-max-register do not'
    ],
    [
      'to start members again that stop for good',
      ['--stack', 'majority-max-register', '--kill'],
      '--kill starts a member again, and those of majority-max-register stop for good: some do by themselves'
    ],
    ['an input that is not there', ['--input', 'no'], 'no cannot be read: no such file or folder'],
    ['a folder as input', ['--input', 'folder'], 'folder cannot be read: it is a folder'],
    ['an empty input', ['--input', 'empty'], 'empty: empty, so that there is nothing to broadcast'],
    ['too large an input', ['--input', 'large'], 'large: larger than 1048576 bytes'],
    [
      'a data folder with something in it',
      ['--data', 'folder'],
      'folder is not empty, and nothing is overwritten'
    ],
    ['a file as data folder', ['--data', 'empty'], 'empty cannot be made a folder: it exists already'],
    ['a word too many', ['more'], /too many arguments/]
  ])('%s', async (_, words, line) => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'empty'), '')
    await writeFile(join(cwd, 'large'), new Uint8Array(1024 * 1024 + 1))
    await mkdir(join(cwd, 'folder'))
    await writeFile(join(cwd, 'folder', 'file'), 'text')
    await expectRefused(['cluster', ...words], line, { cwd })
  })
})

describe('the judgement of a cluster', () => {
  const options: ClusterOptions = { members: 4, behaviour: 'silent', stack: 'byzantine-reliable-channel' }

  /** A tour in which member 3 is silent and all goes well. */
  async function tour(
    change: (recorder: BroadcastRecord) => void = () => {},
    settled = true,
    registers?: RegisterTour,
    behaviour = 'silent'
  ) {
    const plan = await planCluster({ ...options, behaviour })
    const recorder = new BroadcastRecord(plan)
    const positions = [0, 0, 0]
    plan.chunks.forEach((payload, sequence) => {
      for (const sender of plan.correct) {
        recorder.broadcast(sender, sequence, payload)
        recorder.accepted(sender, sequence)
        for (const member of plan.correct) {
          const position = positions[member]!++
          recorder.delivery(member, { type: 'delivery', position, sender, sequence, payload })
        }
      }
    })
    change(recorder)
    const toured = { settled, ...(registers === undefined ? {} : { registers }) }
    return judge(plan, recorder, new Tally(), toured, group)
  }

  it('is violated when a member names another for proven, and its evidence proves nothing', async () => {
    const { verdict, properties, violations } = await tour((recorder) =>
      recorder.fault(0, { process: 3, kind: 'equivocation', certainty: 'proven', detail: 'two payloads' })
    )
    expect(verdict).toBe('violated')
    expect(properties).toMatchObject({ accuracy: 'violated' })
    expect(violations).toMatchObject([{ detail: expect.stringContaining('there is no evidence') }])
  })

  it('is ok when everything held, and the attack was seen', async () => {
    const { verdict, properties, digests, effect } = await tour()
    expect(verdict).toBe('ok')
    expect(new Set(Object.values(properties))).toEqual(new Set(['held']))
    expect(digests[0]?.map(({ same }) => same)).toEqual([true, true, true, false])
    expect(effect).toMatchObject({ seen: true, instancesLeftShort: 20, conflicting: 0, rejected: 0 })
  })

  it('is inconclusive when the attack was not seen', async () => {
    const { verdict, reason } = await tour((recorder) => {
      for (const member of [0, 1, 2])
        for (let sequence = 0; sequence < 20; sequence++)
          recorder.delivery(member, {
            type: 'delivery',
            position: 60 + sequence,
            sender: 3,
            sequence,
            payload: new Uint8Array(1)
          })
    })
    expect({ verdict, reason }).toEqual({
      verdict: 'inconclusive',
      reason: 'the attack had no effect on any correct member'
    })
  })

  const deliver = (sequence: number, byte: number) => ({
    type: 'delivery' as const,
    position: 100 + sequence,
    sender: 3,
    sequence,
    payload: Uint8Array.of(byte)
  })
  const accusation: Fault = { process: 1, kind: 'equivocation', certainty: 'certain', detail: 'x' }

  it.each<[property: string, change: (recorder: BroadcastRecord) => void]>([
    ['validity', (recorder) => recorder.accepted(0, 20)],
    ['totality', (recorder) => recorder.delivery(0, deliver(0, 1))],
    [
      'consistency',
      (recorder) => [0, 1, 2].forEach((member) => void recorder.delivery(member, deliver(0, member)))
    ],
    ['integrity', (recorder) => recorder.delivery(0, { ...deliver(20, 1), sender: 1 })],
    ['FIFO delivery', (recorder) => recorder.delivery(0, deliver(5, 1))],
    ['accuracy', (recorder) => recorder.fault(0, accusation)],
    ['no crash', (recorder) => recorder.stopped(0, 'x')]
  ])('is violated without %s', async (property, change) => {
    const { verdict, properties, violations } = await tour(change)
    expect(verdict).toBe('violated')
    expect(properties[property]).toBe('violated')
    expect(violations.length).toBeGreaterThan(0)
  })

  it('is violated when it did not settle in time', async () => {
    expect(await tour(() => {}, false)).toMatchObject({
      verdict: 'violated',
      reason: 'liveness: it did not settle in time',
      properties: { liveness: 'violated', validity: 'held' }
    })
  })

  it('takes what a killed member delivers again for what it is', async () => {
    const { verdict } = await tour((recorder) => {
      recorder.died(0, 'crash')
      recorder.died(0, 'restart')
      const payload = recorder.delivered(0, 0).get(1) ?? new Uint8Array(0)
      recorder.delivery(0, { type: 'delivery', sender: 0, sequence: 1, payload, position: 3 })
    })
    expect(verdict).toBe('ok')
  })

  it('no duplication: what it delivers at a position of before is something else', async () => {
    const { properties, violations } = await tour((recorder) => {
      recorder.died(0, 'crash')
      recorder.died(0, 'restart')
      recorder.delivery(0, { ...deliver(0, 1), sender: 1, sequence: 99, position: 3 })
    })
    expect(properties['no duplication']).toBe('violated')
    expect(violations.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^member 0 delivered broadcast 99 of member 1 at position 3, and before that /)
    )
  })

  /** What clients did with a register, and all went well. */
  const registers: RegisterTour = {
    operations: 600,
    overlapping: 150,
    unanswered: 0,
    landmarks: { 'forged-answer-rejected': 110, 'stale-answer-outvoted': 50 },
    faultsSeen: [{ process: 3, kind: 'invalid-signature', certainty: 'certain', count: 110, by: [1, 2] }],
    contradiction: undefined
  }

  it('gives what clients saw of a register, and nothing where it did not come to that', async () => {
    const { properties, registers: given } = await tour(() => {}, true, registers)
    expect(properties.atomicity).toBe('held')
    expect(given).toEqual(registers)
    const without = await tour()
    expect(without.properties).not.toHaveProperty('atomicity')
    expect(without.registers).toBe(null)
  })

  it.each<[property: string, what: string, change: Partial<RegisterTour>]>([
    ['atomicity', 'a read contradicts another', { contradiction: 'no order explains it' }],
    ['liveness', 'operations were not answered', { unanswered: 2 }],
    [
      'accuracy',
      'a client names a correct member',
      { faultsSeen: [{ process: 1, kind: 'malformed', certainty: 'certain', count: 1, by: [0] }] }
    ]
  ])('is violated without %s: %s', async (property, _, change) => {
    const judgement = await tour(() => {}, true, { ...registers, ...change })
    expect(judgement).toMatchObject({ verdict: 'violated', properties: { [property]: 'violated' } })
    expect(judgement.reason).toContain(`${property}: `)
  })

  it('lets clients suspect anybody', async () => {
    const suspicion = { process: 1, kind: 'flooding', certainty: 'suspected', count: 1, by: [0] } as const
    const { verdict } = await tour(() => {}, true, { ...registers, faultsSeen: [suspicion] })
    expect(verdict).toBe('ok')
  })

  it.each([
    ['stale', { 'stale-answer-outvoted': 50 }],
    ['invent', { 'invalid-signature': 110 }],
    ['perjure', { 'forged-answer-rejected': 110, 'stale-answer-outvoted': 50, 'invalid-signature': 110 }]
  ])('finds the traces of %s at clients, and nowhere else', async (behaviour, traces) => {
    const { effect } = await tour(() => {}, true, registers, behaviour)
    expect(effect).toMatchObject({ seen: true, traces })
    const unseen = { ...registers, landmarks: {}, faultsSeen: [] }
    expect(await tour(() => {}, true, unseen, behaviour)).toMatchObject({ verdict: 'inconclusive' })
  })

  it('is shown to people with what the registers showed', async () => {
    const { colors } = createOutput({ write() {} }, {}, false)
    const plan = await planCluster({ ...options, behaviour: 'perjure' })
    const shown = async (of: RegisterTour) => {
      const judgement = await tour(() => {}, true, of, 'perjure')
      return describeTour({ plan, judgement, trace: 'x' }, colors).join('\n')
    }
    const text = await shown(registers)
    expect(text).toContain(
      'Registers  a client wrote one while others read it, and what they saw is atomic\n'
    )
    expect(text).toMatch(/operations completed +600\n/)
    expect(text).toMatch(/reads that overlapped a write +150\n/)
    expect(text).toMatch(/no writer had signed them +110\n/)
    expect(text).toMatch(/some answer was outvoted +50\n/)
    expect(text).not.toContain('not answered in time')
    expect(text).toMatch(/member 3: invalid-signature, certain +110 times +by clients 1, 2/)
    const broken = { ...registers, contradiction: 'x', unanswered: 1 }
    const worse = await shown(broken)
    expect(worse).toContain('what they saw is not atomic\n')
    expect(worse).toMatch(/operations not answered in time +1\n/)
  })
})
