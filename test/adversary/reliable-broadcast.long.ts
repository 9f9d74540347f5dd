/** At length: see test/extent.ts. */
import './reliable-broadcast.test.ts'
