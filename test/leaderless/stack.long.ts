/** At length: see test/extent.ts. */
import './stack.test.ts'
