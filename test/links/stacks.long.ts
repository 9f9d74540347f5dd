/** At length: see test/extent.ts. */
import './stacks.test.ts'
