import { signerCompliance } from '@muniment/compliance'
import { nodeCryptography } from 'muniment/platform'

for (const algorithm of ['Ed25519', 'ES256'] as const) {
  signerCompliance(`${algorithm} of Node.js`, async () => ({
    signer: nodeCryptography.signer(nodeCryptography.generateKeyPair(algorithm)),
    verify: nodeCryptography.verify.bind(nodeCryptography),
  }))
}
