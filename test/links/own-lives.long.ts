/** At length: see test/extent.ts. */
import './own-lives.test.ts'
