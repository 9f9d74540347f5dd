/** At length: see test/extent.ts. */
import './init.test.ts'
