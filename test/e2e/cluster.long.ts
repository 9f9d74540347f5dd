/** At length: see test/extent.ts. */
import './cluster.test.ts'
