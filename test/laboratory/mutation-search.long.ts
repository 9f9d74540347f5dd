/** At length: see test/extent.ts. */
import './mutation-search.test.ts'
