import { channelCompliance } from '@muniment/compliance'
import { MAX_MESSAGE, memoryChannelPair } from 'muniment/network'

channelCompliance('a pair in memory', async () => ({ ends: memoryChannelPair(), limit: MAX_MESSAGE }))
