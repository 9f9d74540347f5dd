/** At length: see test/extent.ts. */
import './ports.test.ts'
