/**
 * Somebody has to check the checker: right histories pass, and each way to break one is told, by the property's name and
 * with the reason. Each rule is broken by itself, of several senders, at several processes, early and late.
 */
import { describe, expect, it } from 'vitest'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import {
  accepted,
  broadcast,
  CHANNEL,
  CORRECT,
  type Drawn,
  deliver,
  gap,
  historyOf,
  LIARS,
  names,
  OF_CORRECT,
  OF_LIARS,
  OTHER,
  type Place,
  payloadOf,
  placeOf,
  replaced,
  right,
  told,
  without
} from './broadcast-histories.ts'

const EVERYWHERE = [...OF_CORRECT, ...OF_LIARS]
const hex = (place: Place) => `0${place.sender}0${place.sequence}`
const isOf =
  ({ process, sender, sequence }: Place) =>
  (event: Drawn & { readonly sequence?: number; readonly sender?: number }) =>
    event.process === process && event.sender === sender && event.sequence === sequence

describe('right histories', () => {
  it('everybody delivers what everybody broadcast, Byzantine members included', () => {
    expect(told(right(), CHANNEL)).toEqual([])
  })
  it('nobody does anything', () => {
    expect(told([], CHANNEL)).toEqual([])
  })
  it('what a liar does itself is not judged', () => {
    const lies = LIARS.flatMap((liar) => [
      deliver(liar, 0, 3),
      deliver(liar, 0, 3, OTHER),
      gap(liar, 0, 0, 9),
      gap(liar, 1, 3, 4),
      names(liar, 0, 'proven')
    ])
    expect(told([...lies, ...right(), ...lies], CHANNEL)).toEqual([])
  })
  it.each(OF_LIARS)("nobody delivers a liar's broadcast: $sequence of $sender", ({ sender, sequence }) => {
    const events = without(right(), (event) => event.sender === sender && event.sequence === sequence)
    expect(told(events)).toEqual([])
  })
  it.each(CORRECT)('a broadcast of %i that a crash lost before it was accepted need not arrive', (sender) => {
    expect(told([...right(), broadcast(sender, 5)], CHANNEL)).toEqual([])
  })
  it.each(OF_CORRECT)(
    'of two under number $sequence of $sender, the first lost in a crash, the second is delivered',
    ({ sender, sequence }) => {
      const events = right()
      const at = events.findIndex(
        (event) => event.kind === 'broadcast' && event.process === sender && event.sequence === sequence
      )
      const lost = [broadcast(sender, sequence, OTHER), { kind: 'crash', process: sender } as const]
      expect(told(replaced(events, at, ...lost, broadcast(sender, sequence)), CHANNEL)).toEqual([])
    }
  )
  it('suspecting a correct member is no violation, naming a liar is none either', () => {
    const faults = CORRECT.flatMap((by) => [
      names(by, (by + 1) % 5, 'suspected'),
      names(by, 5, 'certain'),
      names(by, 6, 'proven')
    ])
    expect(told([...faults, ...right()], CHANNEL)).toEqual([])
  })
})

describe('validity', () => {
  it.each(OF_CORRECT)('broadcast $sequence of $sender is never delivered at $process', (place) => {
    const { process, sender, sequence } = place
    const events = without(right(), isOf(place))
    expect(told(events, ['validity'])).toEqual([
      `validity: member ${sender} broadcast ${sequence}, and member ${process} never delivered it (it alone is starved)`
    ])
  })
  it.each(OF_CORRECT)('broadcast $sequence of $sender is delivered nowhere', ({ sender, sequence }) => {
    const events = without(right(), (event) => event.sender === sender && event.sequence === sequence)
    expect(told(events)).toEqual(
      CORRECT.map(
        (process) =>
          `validity: member ${sender} broadcast ${sequence}, and member ${process} never delivered it`
      )
    )
  })
  it.each(OF_CORRECT)('$process alone is starved of $sender, and not of two', (place) => {
    const alone = checkBroadcast(historyOf(without(right(), isOf(place))), ['validity'])
    expect(alone.map(({ starved }) => starved)).toEqual([place.process])
    const two = without(right(), isOf(place)).filter(
      (event) => !isOf({ ...place, process: (place.process + 1) % 5 })(event)
    )
    expect(checkBroadcast(historyOf(two), ['validity']).map(({ starved }) => starved)).toEqual([
      undefined,
      undefined
    ])
  })
  it.each(OF_CORRECT)('is not judged of $sender in a run that was cut short', (place) => {
    expect(told(without(right(), isOf(place)), ['validity'], { complete: false })).toEqual([])
  })
})

describe('who is down in the end', () => {
  const crash = (process: number): Drawn => ({ kind: 'crash', process })
  const lives: Drawn[] = [crash(1), { kind: 'restart', process: 1 }]

  it('is owed nothing, and owes nothing: neither to it nor from it need anything come', () => {
    const events = right().filter((event) => event.process !== 1 || event.kind !== 'deliver')
    expect(told([...events, crash(1)], ['validity', 'totality'])).toEqual([])
    const silent = without(right(), (event) => event.kind === 'deliver' && event.sender === 1)
    expect(told([...silent, crash(1)], ['validity', 'totality'])).toEqual([])
  })
  it('binds nobody by what it alone has delivered', () => {
    const place = { process: 1, sender: 5, sequence: 2 }
    const alone = without(
      right(),
      (event) => event.sender === 5 && event.sequence === 2 && !isOf(place)(event)
    )
    expect(told(alone, ['totality'])).toHaveLength(4)
    expect(told([...alone, crash(1)], ['totality'])).toEqual([])
  })
  it('is not who came back', () => {
    const events = without(right(), isOf({ process: 1, sender: 0, sequence: 0 }))
    expect(told([...events, ...lives], ['validity'])).toHaveLength(1)
    expect(told([...events, ...lives, crash(1)], ['validity'])).toEqual([])
  })
  it('is judged for what it did', () => {
    const events = [...right(), deliver(1, 0, 3, OTHER), crash(1)]
    expect(told(events, ['no duplication', 'no creation'])).toHaveLength(2)
  })
})

describe('no creation', () => {
  it.each(OF_CORRECT)('$process delivers what $sender did not broadcast as $sequence', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const other = replaced(events, placeOf(events, place), deliver(process, sender, sequence, OTHER))
    expect(told(other, ['no creation'])).toEqual([
      `no creation: member ${process} delivered ee as broadcast ${sequence} of the correct member ${sender}, which broadcast ${hex(place)} there`
    ])
  })
  it.each(OF_CORRECT)('$process delivers $sequence of $sender before it was broadcast', (place) => {
    const { process, sender, sequence } = place
    const events = [deliver(process, sender, sequence), ...without(right(), isOf(place))]
    expect(told(events, ['no creation'])).toEqual([
      `no creation: member ${process} delivered ${hex(place)} as broadcast ${sequence} of the correct member ${sender}, which broadcast nothing yet there`
    ])
  })
  it.each(OF_CORRECT)('$process delivers a broadcast that $sender never made', ({ process, sender }) => {
    const events = [...right(), deliver(process, sender, 9)]
    expect(told(events, ['no creation'])).toEqual([
      `no creation: member ${process} delivered 0${sender}09 as broadcast 9 of the correct member ${sender}, which broadcast nothing there`
    ])
  })
})

describe('whoever crashed for good', () => {
  const gone = (process: number): Drawn[] => [{ kind: 'crash', process }]
  const back = (process: number): Drawn[] => [
    { kind: 'crash', process },
    { kind: 'restart', process }
  ]
  const properties = ['validity', 'totality']

  it.each(OF_CORRECT)('is owed nothing: $process misses $sequence of $sender', (place) => {
    const missing = without(right(), isOf(place))
    expect(told([...missing, ...gone(place.process)], properties)).toEqual([])
    expect(told([...missing, ...back(place.process)], properties)).not.toEqual([])
  })
  it.each(OF_CORRECT)('owes nothing: nobody got $sequence of $sender', ({ sender, sequence }) => {
    const missing = without(right(), (event) => event.sender === sender && event.sequence === sequence)
    expect(told([...missing, ...gone(sender)], properties)).toEqual([])
    expect(told([...missing, ...back(sender)], properties)).not.toEqual([])
  })
  it.each(OF_LIARS)('$process alone had delivered $sequence of the liar $sender', (place) => {
    const { process, sender, sequence } = place
    const alone = without(
      right(),
      (event) => event.sender === sender && event.sequence === sequence && event.process !== process
    )
    expect(told([...alone, ...gone(process)], properties)).toEqual([])
    expect(told([...alone, ...back(process)], properties)).not.toEqual([])
  })
})

describe('no duplication', () => {
  const twice = ({ process, sender, sequence }: Place) =>
    `no duplication: member ${process} delivered broadcast ${sequence} of member ${sender} twice`

  it.each(EVERYWHERE)('$process delivers $sequence of $sender twice, at once or in the end', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const again = deliver(process, sender, sequence)
    expect(told(replaced(events, placeOf(events, place), again, again))).toEqual([twice(place)])
    expect(told([...events, again])).toEqual([twice(place)])
  })
  it.each(EVERYWHERE)('$process delivers $sequence of $sender again in its next life', (place) => {
    const { process, sender, sequence } = place
    const lives: Drawn[] = [
      { kind: 'crash', process },
      { kind: 'restart', process }
    ]
    expect(told([...right(), ...lives, deliver(process, sender, sequence)])).toEqual([twice(place)])
  })
  it.each(EVERYWHERE)('$process skips $sequence of $sender, which it delivered', (place) => {
    const { process, sender, sequence } = place
    const skip = gap(process, sender, sequence, sequence + 1)
    const violations = told([...right(), skip], ['no duplication'])
    expect(violations).toEqual([
      `no duplication: member ${process} skipped broadcast ${sequence} of member ${sender}, which it had delivered`
    ])
  })
  it.each(EVERYWHERE)('$process delivers $sequence of $sender, which it skipped', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const skip = gap(process, sender, sequence, sequence + 1)
    const both = replaced(events, placeOf(events, place), skip, deliver(process, sender, sequence))
    expect(told(both, ['no duplication'])).toEqual([
      `no duplication: member ${process} delivered broadcast ${sequence} of member ${sender}, which it had skipped`
    ])
  })
  it.each(EVERYWHERE)('$process skips $sequence of $sender twice', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const skips = [gap(process, sender, sequence, sequence + 1), gap(process, sender, sequence, sequence + 1)]
    const both = replaced(events, placeOf(events, place), ...skips)
    expect(told(both, ['no duplication'])).toEqual([
      `no duplication: member ${process} skipped broadcast ${sequence} of member ${sender} twice`
    ])
  })

  describe('positions', () => {
    const positioned = (place: Place, change: (position: number) => number) => {
      const { process, sender, sequence } = place
      const history = historyOf(right())
      const at = placeOf(broadcastEvents(history), place)
      const events = broadcastEvents(history)
      const { position } = events[at] as { position: number }
      const moved = { ...deliver(process, sender, sequence), position: change(position) }
      return told(replaced(events, at, moved))
    }
    // The first delivery of a process has none before it: the one after it shows the fault.
    const LATER = EVERYWHERE.filter(({ process, sender, sequence }) => process + sender + sequence > 1)

    it.each(LATER)('$process gives $sequence of $sender the position of the one before', (place) => {
      const [violation, ...others] = positioned(place, (position) => position - 1)
      expect(others).toEqual([])
      expect(violation).toMatch(
        new RegExp(
          `^no duplication: member ${place.process} delivered broadcast ${place.sequence} of member ${place.sender} ` +
            String.raw`at position (\d+), and before that delivered broadcast \d of member \d at position \1$`
        )
      )
    })
    it.each(LATER.slice(1))('$process gives $sequence of $sender a position of long ago', (place) => {
      const [violation, ...others] = positioned(place, () => 0)
      expect(others).toEqual([])
      expect(violation).toMatch(/^no duplication: .* at position 0, and before that .* at position [1-9]/)
    })
    it.each(CORRECT)('%i begins again at 0 in its next life', (process) => {
      const lives: Drawn[] = [
        { kind: 'crash', process },
        { kind: 'restart', process }
      ]
      const next = [
        broadcast(1, 5),
        accepted(1, 5),
        ...CORRECT.map((id) => ({ ...deliver(id, 1, 5), ...(id === process ? { position: 0 } : {}) }))
      ]
      expect(told([...right(), ...lives, ...next])).toEqual([
        `no duplication: member ${process} delivered broadcast 5 of member 1 at position 0, and before that delivered broadcast 4 of member 6 at position 34`
      ])
    })
    it.each(EVERYWHERE)('a gap has a position of its own: not that of $sequence of $sender', (place) => {
      const history = historyOf(right())
      const at = placeOf(broadcastEvents(history), place)
      const events = broadcastEvents(history)
      const { position } = events[at] as { position: number }
      const skip = { ...gap(place.process, 6, 5, 6), position }
      expect(told(replaced(events, at, events[at]!, skip), ['no duplication'])).toEqual([
        `no duplication: member ${place.process} skipped broadcasts 5 to 5 of member 6 at position ${position}, and before that delivered broadcast ${place.sequence} of member ${place.sender} at position ${position}`
      ])
    })
    it('positions of different processes have nothing to do with one another', () => {
      const far = right()
      const first = placeOf(far, { process: 3, sender: 0, sequence: 0 })
      const moved = replaced(far, first, { ...deliver(3, 0, 0), position: 1000 })
      expect(told(moved, CHANNEL)).toEqual([])
    })
  })
})

describe('integrity', () => {
  it.each(OF_CORRECT)('$sequence of $sender is delivered as something else, everywhere', (place) => {
    const { sender, sequence } = place
    const events = right().map((event) =>
      event.kind === 'deliver' && event.sender === sender && event.sequence === sequence
        ? { ...event, payload: OTHER }
        : event
    )
    expect(told(events)).toEqual(
      CORRECT.map(
        (process) =>
          `integrity: member ${process} delivered ee as broadcast ${sequence} of the correct member ${sender}, which broadcast ${hex(place)} there`
      )
    )
  })
  it.each(OF_CORRECT)('$sequence of $sender is delivered, and was never broadcast', (place) => {
    const { sender, sequence } = place
    const events = without(
      right(),
      (event) =>
        (event.kind === 'broadcast' || event.kind === 'accepted') &&
        event.process === sender &&
        event.sequence === sequence
    )
    expect(told(events)).toEqual(
      CORRECT.map(
        (process) =>
          `integrity: member ${process} delivered ${hex(place)} as broadcast ${sequence} of the correct member ${sender}, which broadcast nothing there`
      )
    )
  })
  it.each(OF_CORRECT)('$process delivers $sequence of $sender before it is broadcast', (place) => {
    const { process, sender, sequence } = place
    const events = without(right(), isOf(place))
    const begun = events.findIndex(
      (event) => event.kind === 'broadcast' && event.process === sender && event.sequence === sequence
    )
    const early = replaced(events, begun, deliver(process, sender, sequence), events[begun]!)
    expect(told(early)).toEqual([
      `integrity: member ${process} delivered ${hex(place)} as broadcast ${sequence} of the correct member ${sender}, which broadcast nothing yet there`
    ])
    // Reports of different processes stand in no such order.
    expect(told(early, CHANNEL, { inRealTime: false })).toEqual([])
  })
  it.each(OF_CORRECT)('$sequence of $sender is delivered as what a crash had lost', (place) => {
    const { sender, sequence } = place
    const events = right()
    const at = events.findIndex(
      (event) => event.kind === 'broadcast' && event.process === sender && event.sequence === sequence
    )
    // What is delivered everywhere was lost, and the number given to another, which was accepted.
    const both = replaced(events, at, events[at]!, broadcast(sender, sequence, OTHER))
    const first = `delivered ${hex(place)} as broadcast ${sequence} of the correct member ${sender}, which broadcast ee there`
    expect(told(both)).toEqual(CORRECT.map((process) => `integrity: member ${process} ${first}`))
  })
  it.each(OF_CORRECT)('$sender broadcasts $sequence again after it was accepted', (place) => {
    const { sender, sequence } = place
    const events = right().map((event) =>
      event.kind === 'deliver' && event.sender === sender && event.sequence === sequence
        ? { ...event, payload: OTHER }
        : event
    )
    const at = events.findIndex(
      (event) => event.kind === 'accepted' && event.process === sender && event.sequence === sequence
    )
    const reused = replaced(events, at, events[at]!, broadcast(sender, sequence, OTHER))
    expect(told(reused)).toHaveLength(CORRECT.length)
    expect(told(reused)[0]).toMatch(/^integrity: .* which broadcast 0\d0\d there$/)
  })
})

describe('consistency', () => {
  it.each(OF_LIARS)('$process delivers another $sequence of $sender than the others', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const split = replaced(events, placeOf(events, place), deliver(process, sender, sequence, OTHER))
    const [first = '', ...others] = told(split)
    const whole = hex(place)
    // The first to deliver is compared with each of the others.
    if (process === 0) expect(others).toHaveLength(CORRECT.length - 2)
    else expect(others).toEqual([])
    expect(first).toBe(
      process === 0
        ? `consistency: members 0 and 1 delivered ee and ${whole} as broadcast ${sequence} of member ${sender}`
        : `consistency: members 0 and ${process} delivered ${whole} and ee as broadcast ${sequence} of member ${sender}`
    )
  })
  it.each(OF_LIARS)('a payload of another instance than $sequence of $sender is another payload', (place) => {
    const { process, sender, sequence } = place
    const events = right()
    const payload = payloadOf({ sender, sequence: sequence + 1 })
    const split = replaced(events, placeOf(events, place), deliver(process, sender, sequence, payload))
    const [own, others] = [hex({ ...place, sequence: sequence + 1 }), hex(place)]
    const [first, second, delivered] =
      process === 0 ? [0, 1, `${own} and ${others}`] : [0, process, `${others} and ${own}`]
    expect(told(split)[0]).toBe(
      `consistency: members ${first} and ${second} delivered ${delivered} as broadcast ${sequence} of member ${sender}`
    )
  })
})

describe('totality', () => {
  it.each(OF_LIARS)('$process never delivers $sequence of $sender, which others did', (place) => {
    const { process, sender, sequence } = place
    const [violation, ...others] = told(without(right(), isOf(place)))
    expect(others).toEqual([])
    expect(violation).toMatch(
      new RegExp(
        `^totality: member \\d delivered broadcast ${sequence} of member ${sender}, and member ${process} never did \\(it alone is starved\\)$`
      )
    )
  })
  it.each(OF_LIARS)('$process alone delivers $sequence of $sender', (place) => {
    const { process, sender, sequence } = place
    const others = CORRECT.filter((other) => other !== process)
    const events = right().filter(
      (event) => !others.some((other) => isOf({ ...place, process: other })(event))
    )
    expect(told(events)).toEqual(
      others.map(
        (other) =>
          `totality: member ${process} delivered broadcast ${sequence} of member ${sender}, and member ${other} never did`
      )
    )
  })
  it.each(OF_LIARS)('is not judged of $sender in a run that was cut short', (place) => {
    expect(told(without(right(), isOf(place)), CHANNEL.slice(0, -1), { complete: false })).toEqual([])
  })
})

describe('FIFO delivery', () => {
  it.each(EVERYWHERE.filter(({ sequence }) => sequence < 4))(
    '$process delivers $sequence of $sender after the next one',
    (place) => {
      const { process, sender, sequence } = place
      const late = without(right(), isOf(place))
      const next = placeOf(late, { ...place, sequence: sequence + 1 })
      const swapped = replaced(late, next, late[next]!, deliver(process, sender, sequence))
      const [first, ...others] = told(swapped, CHANNEL)
      expect(first).toBe(
        `FIFO delivery: member ${process} delivered broadcast ${sequence + 1} of member ${sender} instead of ${sequence}`
      )
      expect(others.every((other) => other.startsWith('FIFO delivery: '))).toBe(true)
    }
  )
  it.each(EVERYWHERE.filter(({ sequence }) => sequence < 4))(
    '$process delivers all of $sender but $sequence',
    (place) => {
      const { process, sender, sequence } = place
      expect(told(without(right(), isOf(place)), ['FIFO delivery'])).toEqual([
        `FIFO delivery: member ${process} delivered broadcast ${sequence + 1} of member ${sender} instead of ${sequence}`
      ])
    }
  )
  it.each(CORRECT)('the order between senders is nobody’s promise: %i has its own', (process) => {
    const own = right().filter((event) => event.process === process && event.kind === 'deliver')
    const bySender = [...own].sort((a, b) => (b as Place).sender - (a as Place).sender)
    const others = right().filter(
      (event) => !own.some((one) => JSON.stringify(one) === JSON.stringify(event))
    )
    expect(told([...others, ...bySender], CHANNEL)).toEqual([])
  })
})

describe('accuracy', () => {
  it.each([
    [0, 1, 'certain'],
    [4, 0, 'proven'],
    [2, 2, 'certain']
  ] as const)('%i names the correct member %i: %s, first or last', (by, process, certainty) => {
    const claim = [
      `accuracy: member ${by} named the correct member ${process} ${certainty} of equivocation: two`
    ]
    expect(told([names(by, process, certainty), ...right()])).toEqual(claim)
    expect(told([...right(), names(by, process, certainty)])).toEqual(claim)
    expect(told([...right(), names(by, process, certainty)], ['accuracy'], { complete: false })).toEqual(
      claim
    )
  })
})

it('safety is judged in a run that was cut short: nothing of it waits for the end', () => {
  const cut = [
    broadcast(0, 0),
    deliver(1, 0, 0, OTHER),
    deliver(2, 0, 0),
    deliver(2, 0, 0),
    deliver(3, 0, 0, OTHER)
  ]
  const properties = checkBroadcast(historyOf(cut, { complete: false }), CHANNEL).map(
    ({ property }) => property
  )
  expect(new Set(properties)).toEqual(
    new Set(['integrity', 'consistency', 'no duplication', 'FIFO delivery'])
  )
})
