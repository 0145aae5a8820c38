import { join } from 'node:path'
import { createVault, joinVault, type PersonVault } from 'muniment'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** Ana's laptop, with what it brings in, and her phone, which has joined and has it all. Both are online. */
export async function laptopAndPhone(
  root: string,
  fill: (laptop: PersonVault) => Promise<void>,
): Promise<{ laptop: PersonVault; phone: PersonVault }> {
  const laptop = await createVault({ folder: join(root, 'laptop'), name: 'Laptop' })
  await fill(laptop)
  await laptop.goOnline({ listen: LISTEN })
  const invited = Promise.withResolvers<string>()
  const pairing = laptop.invite({
    onInvitation: ({ link }) => invited.resolve(link),
    confirmWords: async () => true,
  })
  const phone = await joinVault({
    folder: join(root, 'phone'),
    name: 'Phone',
    invitation: await invited.promise,
    confirmWords: async () => true,
  })
  await pairing
  await phone.goOnline({ listen: LISTEN })
  return { laptop, phone }
}
