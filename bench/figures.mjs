/**
 * A ratio that was measured and what it is held against: `required` and `goal` are bounds from below, or from above with
 * `isAtMost`. Without them it is printed to be known. What a name says after a colon is printed below the figure before.
 */
export function figure(name, { value, middleHalf }, { required, goal, isAtMost = false } = {}) {
  const reaches = (bound) => (isAtMost ? value <= bound : value >= bound)
  return {
    name,
    ratio: rounded(value),
    ...(middleHalf && { middle_half: middleHalf.map(rounded) }),
    ...(required !== undefined && { required, required_reached: reaches(required) }),
    ...(goal !== undefined && { goal, goal_reached: reaches(goal) }),
    ...((required ?? goal) !== undefined && { bound: isAtMost ? 'at most' : 'at least' }),
  }
}

/** A table of figures for a person. */
export function tableOf(figures) {
  const rows = [
    ['', 'measured', 'middle half', 'required', 'goal', ''],
    ...figures.map((one) => [
      one.name.replace(/^.*: /, '  '),
      times(one.ratio),
      one.middle_half ? one.middle_half.map((value) => value.toFixed(2)).join('–') : '',
      bound(one, one.required),
      bound(one, one.goal),
      verdict(one),
    ]),
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd())
}

/** What was not reached, in one sentence. */
export function shortfall(figures) {
  const missed = figures.filter(({ required_reached }) => required_reached === false).map(({ name }) => name)
  const held = figures.filter(({ required }) => required !== undefined).length
  if (missed.length === 0) return `All ${held} required figures are reached.`
  return `${held - missed.length} of ${held} required figures are reached; not reached: ${missed.join('; ')}.`
}

function verdict({ required_reached, goal_reached }) {
  if (required_reached === undefined) return ''
  if (!required_reached) return 'not reached'
  return goal_reached === false ? 'reached' : goal_reached ? 'reached, goal too' : 'reached'
}

const times = (value) => `${value.toFixed(2)} ×`
const bound = (one, value) => (value === undefined ? '' : `${one.bound === 'at most' ? '≤' : '≥'} ${value}`)

/** Three digits, which is more than a ratio of a shared machine is good for. */
const rounded = (value) => Number(value.toPrecision(3))
