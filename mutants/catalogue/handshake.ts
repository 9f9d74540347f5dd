/** Mutants of the handshake of links, and of what it believes about lives. They fall to a table. */
import type { Mutant } from '../mutant.ts'

export const handshakeMutants: readonly Mutant[] = [
  {
    name: 'accept-need-not-echo-the-question',
    kind: 'forgotten binding',
    in: 'Handshake.#onAccept',
    find: '|| !sameBytes(this.#nonce, echo)',
    replace: '',
    by: 'table',
    table: 'handshake',
    breaks: 'a session is accepted on the terms on which it was offered, in answer to this life',
    because: 'an old offer is accepted, on terms that only one end has'
  },
  {
    name: 'accept-takes-the-life-of-its-receiver',
    kind: 'forgotten binding',
    in: 'Handshake.#onAccept',
    find: 'this.#end(nonce, incarnation)',
    replace: 'this.#end(nonce, this.#env.incarnation)',
    by: 'table',
    table: 'handshake',
    breaks: 'a session is accepted on the terms on which it was offered, in answer to this life',
    because: 'two ends in different lives do not agree on the terms'
  },
  {
    name: 'accepted-question-is-open-still',
    kind: 'lost vote',
    in: 'Handshake.#onAccept',
    find: 'this.#nonce = undefined',
    replace: '',
    by: 'table',
    table: 'handshake',
    breaks: 'one offer is accepted once',
    because: 'a second copy of an offer begins the session anew, and what was sent in it is lost'
  },
  {
    name: 'each-question-gets-an-offer-of-its-own',
    kind: 'lost vote',
    in: 'Handshake.#onInit',
    find: 'offered !== undefined &&',
    replace: 'offered === undefined && offered !== undefined &&',
    by: 'table',
    table: 'handshake',
    breaks: 'a question that comes again gets the offer that was made, and not another one',
    because: 'a question that was sent twice displaces the session that it began'
  },
  {
    name: 'higher-rank-begins',
    kind: 'missing check',
    in: 'Handshake.constructor',
    find: 'this.initiator = env.self < peer',
    replace: 'this.initiator = env.self > peer',
    by: 'table',
    table: 'handshake',
    breaks: 'a session begins once both have begun and nothing is lost',
    because: 'members and clients disagree on who begins'
  },
  {
    name: 'handshake-of-any-group',
    kind: 'missing check',
    in: 'Handshake.#difference',
    find: '!sameBytes(frame.group, id)',
    replace: 'frame.group.length !== id.length',
    by: 'table',
    table: 'handshake',
    breaks: 'a frame of another group, epoch, stack or end is refused, and one that is not authentic',
    because: 'two processes of two groups, which know each other, speak past one another'
  },
  {
    name: 'handshake-of-any-epoch',
    kind: 'missing check',
    in: 'Handshake.#difference',
    find: 'frame.epoch !== epoch',
    replace: 'frame.epoch < epoch',
    by: 'table',
    table: 'handshake',
    breaks: 'a frame of another group, epoch, stack or end is refused, and one that is not authentic',
    because: 'a process that was configured anew goes on with one that was not'
  },
  {
    name: 'handshake-of-any-stack',
    kind: 'missing check',
    in: 'Handshake.#difference',
    find: "frame.type !== 'UNKNOWN' && !sameBytes",
    replace: "frame.type === 'UNKNOWN' && !sameBytes",
    by: 'table',
    table: 'handshake',
    breaks: 'a frame of another group, epoch, stack or end is refused, and one that is not authentic',
    because: 'two stacks that differ begin a session'
  },
  {
    name: 'handshake-is-not-authenticated',
    kind: 'missing check',
    in: 'Handshake.receive',
    find: 'if (!this.#verify(body, tag)) {',
    replace: "if (!this.#verify(body, tag) && frame.type === 'ACCEPT') {",
    by: 'table',
    table: 'handshake',
    breaks: 'a frame of another group, epoch, stack or end is refused, and one that is not authentic',
    because: 'anybody says that a member has begun another life'
  },
  {
    name: 'handshake-from-the-other-end',
    kind: 'missing accusation',
    in: 'Handshake.#react',
    find: "(frame.type === 'INIT') === this.initiator",
    replace: "frame.type === 'INIT' && !this.initiator && this.initiator",
    by: 'table',
    table: 'handshake',
    breaks: 'a frame of another group, epoch, stack or end is refused, and one that is not authentic',
    because: 'a peer that breaks the protocol is not named for it'
  },
  {
    name: 'stale-lives-are-welcome',
    kind: 'missing check',
    in: 'Handshake.#lifeFault',
    find: 'if (incarnation < highest) {',
    replace: 'if (incarnation < 0) {',
    by: 'table',
    table: 'handshake',
    breaks: 'a life is refused if a later one was seen, or one that it does not go on from',
    because: 'a copy of an old folder speaks beside the new one'
  },
  {
    name: 'amnesia-is-welcome',
    kind: 'missing check',
    in: 'Handshake.#lifeFault',
    find: 'incarnation > highest && !remembers(earlier, highest)',
    replace: 'incarnation > highest && highest < 0',
    by: 'table',
    table: 'handshake',
    breaks: 'a life is refused if a later one was seen, or one that it does not go on from',
    because: 'a member that lost its store votes again'
  },
  {
    name: 'amnesia-needs-no-later-life',
    kind: 'false accusation',
    in: 'Handshake.#lifeFault',
    find: 'incarnation > highest && !remembers',
    replace: '!remembers',
    by: 'table',
    table: 'handshake',
    breaks: 'a life is refused if a later one was seen, or one that it does not go on from',
    because: 'who speaks in the life that was seen is refused'
  },
  {
    name: 'own-life-is-disputed-by-f',
    kind: 'quorum',
    in: 'OwnLives.dispute',
    find: 'this.#disputedBy.size < group.quorum.oneCorrect',
    replace: 'this.#disputedBy.size < group.quorum.oneCorrect - 1',
    by: 'table',
    table: 'handshake',
    breaks: 'a life of this process that it knows nothing of is believed when f + 1 members have seen it',
    because: 'a liar makes a correct member believe that it has lost its store'
  },
  {
    name: 'own-life-is-disputed-by-clients',
    kind: 'wrong tally',
    in: 'OwnLives.dispute',
    find: 'if (isMember(group, peer)) this.#disputedBy.add(peer)',
    replace: 'this.#disputedBy.add(peer)',
    by: 'table',
    table: 'handshake',
    breaks: 'a life of this process that it knows nothing of is believed when f + 1 members have seen it',
    because: 'any two clients make a correct member believe that it has lost its store'
  }
]
