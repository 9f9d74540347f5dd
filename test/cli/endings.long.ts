/** At length: see test/extent.ts. */
import './endings.test.ts'
