import { withstandsEveryBehaviour } from './within-resilience.ts'

withstandsEveryBehaviour('double-echo')
withstandsEveryBehaviour('byzantine-reliable-channel')
