/**
 * An S3-compatible server with one empty bucket, in the folder that it is given. Prints its port, and ends when its
 * input does. A process of its own, because its continuation tokens are made with DES, which Node has only when told.
 */
import S3rver from '@20minutes/s3rver'

const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory: process.argv[2] ?? '',
  vhostBuckets: false,
  configureBuckets: [{ name: 'vaults' }],
})
const { port } = await server.run()
process.stdout.write(`${port}\n`)
process.stdin.on('close', () => process.exit()).resume()
