/** At length: see test/extent.ts. */
import './processes.test.ts'
