import { storeCompliance } from '@muniment/compliance'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'

storeCompliance('a store in memory', () => openMemoryStore({ key: random(32), cryptography, random }))
