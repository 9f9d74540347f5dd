/** At length: see test/extent.ts. */
import './crash-registers.test.ts'
