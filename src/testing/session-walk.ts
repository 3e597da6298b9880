// A random walk over what sessions can do, beside the text that each should then hold: for tests of both backends.
import { expect } from "vitest";
import { STATES } from "../extension/states/key.js";
import type { Model } from "../seam/model.js";
import { verify } from "../seam/questions/verify.js";
import { GREEDY } from "../seam/sampler.js";
import type { Session } from "../seam/session.js";
import type { TokenId } from "../vocabulary/events.js";
import type { SetRows } from "../vocabulary/prompt.js";
import { threefry2x32 } from "../sampling/noise.js";

/** What is cut as one: a token, or a set; and whether its rows left their states. */
interface Unit {
  ids: TokenId[];
  lengths: number[] | null;
  isStated: boolean;
}

/** A session, and what it should hold. */
interface Walker {
  session: Session;
  units: Unit[];
}

/** What a walk is over. */
export interface Walk {
  model: Model;
  seed: number;
  numSteps: number;
  /** Room that texts keep to. */
  context: number;
  /** The states of a session's first rows; left out: only their number is compared. */
  statesOf?(session: Session, count: number): Promise<ArrayLike<number>>;
}

const MAX_SESSIONS = 4;
/** Rows that a step adds at most. */
const MOST_ROWS = 16;

/**
 * Reads texts, sets and trees, keeps rows by number and by verdict, forks, forks forks, cuts into the middle of whatever is there, matches,
 * and disposes of sessions in any order. After each step its session must be one that read its text anew, bit for bit, and in the end all.
 */
export async function walk(how: Walk): Promise<void> {
  const { model, seed, numSteps, context } = how;
  let numDraws = 0;
  const below = (n: number) => threefry2x32(seed, 5, numDraws++, 0)[0] % n;
  const isChance = () => below(2) === 0;
  const textOf = (count: number) => Array.from({ length: count }, () => below(model.capabilities.vocabSize));
  const walkers: Walker[] = [{ session: model.session(), units: [] }];
  const path: string[] = [];

  const steps: Record<string, (walker: Walker) => Promise<void> | void> = {
    text: (walker) => read(walker, textOf(1 + below(5)), null, isChance()),
    set(walker) {
      const lengths = Array.from({ length: 1 + below(4) }, () => 1 + below(4));
      read(walker, textOf(sumOf(lengths)), lengths, isChance());
    },
    scratch({ session }) {
      session.forward({ tokens: textOf(2), attend: "causal", rows: [], keep: 0 });
    },
    tree({ session, units }) {
      // The first rows are a chain that is kept; the others hang anywhere below its end.
      const keep = below(3);
      const tokens = textOf(keep + 1 + below(4));
      const parents = tokens.map((_, row) => (row < keep ? row - 1 : keep - 1 + below(row - keep + 1)));
      const isStated = isChance();
      session.forward({ tokens, attend: { parents }, rows: "all", states: statesIf(isStated, session), keep });
      const kept: number[] = [];
      for (let row = keep; row < tokens.length; row++) {
        if (parents[row] === (kept.at(-1) ?? keep - 1) && below(3) > 0) kept.push(row);
      }
      if (kept.length > 0 || isChance()) session.keep(kept);
      const rows = [...tokens.slice(0, keep), ...kept.map((row) => tokens[row])];
      units.push(...unitsOf(rows, isStated));
    },
    async verdict({ session, units }) {
      const tokens = textOf(4);
      const isStated = isChance();
      const rows = session.forward({ tokens, attend: "causal", states: statesIf(isStated, session), keep: 1 });
      const verdict = rows.ask(verify(GREEDY));
      session.keep(verdict);
      const behind = isChance() ? textOf(2) : [];
      // While the length isn't known.
      if (behind.length > 0) session.forward({ tokens: behind, attend: "causal", rows: [], keep: behind.length });
      await session.settle();
      const { accepted } = await verdict.read();
      units.push(...unitsOf(tokens.slice(0, 1 + accepted), isStated), ...unitsOf(behind, false));
    },
    fork({ session, units }) {
      if (walkers.length === MAX_SESSIONS) return;
      walkers.push({ session: session.fork(), units: units.map((unit) => ({ ...unit, isStated: false })) });
    },
    cut(walker) {
      const other = walkers[below(walkers.length)];
      const size = sizeOf(walker.units);
      const limit = isChance() ? sizeOf(other.units) - 1 : size - below(MOST_ROWS);
      if (other !== walker && limit === sizeOf(other.units) - 1) walker.session.truncate(other.session, -1);
      else walker.session.truncate(limit);
      cut(walker, limit);
    },
    match(walker) {
      const ids = walker.units.flatMap((unit) => unit.ids);
      const sets = below(4) === 0 ? [] : setsOf(walker.units);
      const first = sets.length === 0 ? (setsOf(walker.units)[0]?.start ?? ids.length) : ids.length;
      const changed = below(ids.length + 1);
      cut(walker, Math.min(changed, first));
      const asked = ids.map((id, i) => (i === changed ? id + 1 : id));
      expect(walker.session.match(asked, sets), path.join()).toBe(sizeOf(walker.units));
    },
    end(walker) {
      if (walkers.length === 1) return;
      walker.session.dispose();
      walkers.splice(walkers.indexOf(walker), 1);
    },
  };

  const names = Object.keys(steps);
  for (let i = 0; i < numSteps; i++) {
    const walker = walkers[below(walkers.length)];
    const isFull = sizeOf(walker.units) + MOST_ROWS > context;
    const name = isFull ? "cut" : names[below(names.length)];
    path.push(`${walkers.indexOf(walker)}.${name}`);
    await steps[name](walker);
    const isThere = walkers.includes(walker);
    if (isThere) await expectAnew(walker, how, `${seed}: ${path.join(" ")}`);
  }
  for (const walker of walkers) await expectAnew(walker, how, `${seed}: end of ${path.join(" ")}`);
  while (walkers.length > 0) walkers.splice(below(walkers.length), 1)[0].session.dispose();
}

function read({ session, units }: Walker, tokens: TokenId[], lengths: number[] | null, isStated: boolean): void {
  const attend = lengths ? { segments: lengths } : "causal";
  session.forward({ tokens, attend, rows: [], states: statesIf(isStated, session), keep: tokens.length });
  units.push(...(lengths ? [{ ids: tokens, lengths, isStated }] : unitsOf(tokens, isStated)));
}

/** A session's length, states and what it says next, beside those of one that reads its text anew. */
async function expectAnew({ session, units }: Walker, { model, statesOf }: Walk, where: string): Promise<void> {
  expect([session.length, session.maxLength], where).toEqual([sizeOf(units), sizeOf(units)]);
  const stateless = units.findIndex(({ isStated }) => !isStated);
  const numStated = sizeOf(stateless < 0 ? units : units.slice(0, stateless));
  expect(session.beside(STATES).length, where).toBe(numStated);
  const anew: Walker = { session: model.session(), units: [] };
  for (const { ids, lengths } of units) read(anew, ids, lengths, true);
  if (statesOf && numStated > 0) {
    expect(await statesOf(session, numStated), where).toEqual(await statesOf(anew.session, numStated));
  }
  expect(await nextOf(session), where).toEqual(await nextOf(anew.session));
  anew.session.dispose();
}

async function nextOf(session: Session): Promise<Float32Array> {
  return (await session.forward({ tokens: [3, 2], attend: "causal", rows: "last", keep: 0 }).logits()).slice();
}

function cut(walker: Walker, limit: number): void {
  while (sizeOf(walker.units) > Math.max(0, limit)) walker.units.pop();
}

function setsOf(units: readonly Unit[]): SetRows[] {
  return units.flatMap(({ lengths }, i) => (lengths ? [{ start: sizeOf(units.slice(0, i)), lengths }] : []));
}

function unitsOf(ids: readonly TokenId[], isStated: boolean): Unit[] {
  return ids.map((id) => ({ ids: [id], lengths: null, isStated }));
}

function statesIf(isStated: boolean, session: Session) {
  return isStated ? session.beside(STATES) : undefined;
}

const sizeOf = (units: readonly Unit[]) => sumOf(units.map(({ ids }) => ids.length));
const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
