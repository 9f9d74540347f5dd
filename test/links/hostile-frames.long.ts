/** At length: see test/extent.ts. */
import './hostile-frames.test.ts'
