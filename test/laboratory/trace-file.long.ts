/** At length: see test/extent.ts. */
import './trace-file.test.ts'
