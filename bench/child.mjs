// A party of a bench in its own process: does what the bench asks of the module it was started with.
const party = await import(process.argv[2])

process.on('message', async ({ id, verb, parameters }) => {
  try {
    process.send({ id, result: await party[verb](...parameters) })
  } catch (error) {
    process.send({ id, failure: error.stack ?? String(error) })
  }
})
process.on('disconnect', () => process.exit())
process.send({ ready: process.hrtime.bigint().toString() })
