/** At length: see test/extent.ts. */
import './replayed-member.test.ts'
