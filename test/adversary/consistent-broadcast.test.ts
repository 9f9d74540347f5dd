import { withstandsEveryBehaviour } from './within-resilience.ts'

withstandsEveryBehaviour('authenticated-echo')
withstandsEveryBehaviour('signed-echo')
withstandsEveryBehaviour('byzantine-consistent-channel')
