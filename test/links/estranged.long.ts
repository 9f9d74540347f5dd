/** At length: see test/extent.ts. */
import './estranged.test.ts'
