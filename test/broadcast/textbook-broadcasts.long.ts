/** At length: see test/extent.ts. */
import './textbook-broadcasts.test.ts'
