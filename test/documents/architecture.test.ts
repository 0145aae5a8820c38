import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markdown, ROOT } from './documents.ts'

const graph = markdown
  .find(({ path }) => path === 'ARCHITECTURE.md')
  ?.blocks.find(({ code }) => code.startsWith('graph LR'))

/** What the source of each room imports of the other rooms. */
const imported = new Map(
  globSync(['packages/*', 'credentials', 'node'], { cwd: ROOT }).map((folder) => {
    const room = folder.replace('packages/', '')
    const sources = globSync('src/**/*.ts', { cwd: join(ROOT, folder) })
    const used = sources.flatMap((file) =>
      [
        ...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(
          /^(?:import|export|\}) .*'@muniment\/(\w+)'/gmu,
        ),
      ].map(([, name = '']) => name),
    )
    return [room, new Set(used.filter((name) => name !== room))] as const
  }),
)

/** The arrows of the graph: what each room is used by. */
const drawn = new Map<string, Set<string>>()
for (const line of (graph?.code ?? '').split('\n').slice(1)) {
  const rooms = line.trim().split(' --> ')
  for (const [index, room] of rooms.slice(0, -1).entries()) {
    drawn.set(room, (drawn.get(room) ?? new Set()).add(rooms[index + 1] ?? ''))
  }
}

function leadsTo(from: string, to: string): boolean {
  return [...(drawn.get(from) ?? [])].some((next) => next === to || leadsTo(next, to))
}

test('every arrow of the graph is an import, and every import follows from its arrows', () => {
  const arrows = [...drawn].flatMap(([from, users]) => [...users].map((user) => [from, user] as const))
  expect(arrows.length).toBeGreaterThan(10)
  expect(arrows.filter(([from, user]) => !imported.get(user)?.has(from))).toEqual([])
  const uses = [...imported].flatMap(([user, rooms]) => [...rooms].map((room) => [room, user] as const))
  expect(uses.filter(([room, user]) => !leadsTo(room, user))).toEqual([])
})
