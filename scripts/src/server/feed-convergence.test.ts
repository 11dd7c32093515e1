// The sibling of the 2,000 histories of slips/lifecycle.test.ts, through a running server: the same messages in order, and shuffled, repeated and
// partly replayed, lead to the same ledger, which is also the one that the pure arithmetic comes to.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom, type Random } from '../season/random.ts';
import { Lifecycle } from '../slips/lifecycle-lines.ts';
import { job, openBettor, openMarket, openWorld, prices, succeeded, until } from './testing-world.ts';
import type { Bettor, Market, Send, World } from './testing-world.ts';

const histories = 40;
const startIso = '2031-05-06T07:00:00.000Z';
const startMs = Date.parse(startIso);
const seed = 38_040;

let world: World;
let trader: Send;
let admin: Send;
let feed: Send;

/** A connection that has idled for too long on a busy machine is opened again: everything here may be sent twice. */
const patient = (send: Send): Send => (...sent) => send(...sent).catch(() => send(...sent));

beforeAll(async () => {
  world = await openWorld();
  await world.start({ env: { WAGERLINE_CLOCK: 'driven' } });
  trader = patient(await world.as('trader-1', 'trader'));
  admin = patient(await world.as('admin-1', 'admin'));
  feed = patient(await world.as('producer-1', 'feed'));
}, 120_000);
afterAll(() => world.close());

type Message = { readonly on: number } & JsonObject;
type Struck = { readonly name: string; readonly betId: string; readonly type: string; readonly at: 'start' | 'end'; readonly legs: readonly Leg[] };
type Leg = { readonly on: number; readonly selection: string };
/** One of the two orders of a history: its own bettor and markets. */
type Side = { readonly bettor: Bettor; readonly markets: readonly Market[]; readonly struck: Struck[] };

/** Bets on both edges of the window from `startMs` on, and multiples over all three fixtures. */
const slips: readonly Omit<Struck, 'betId'>[] = [
  { name: 'edge-start', type: 'single', at: 'start', legs: [{ on: 0, selection: 'home' }] },
  { name: 'patent', type: 'patent', at: 'start', legs: [0, 1, 2].map((on) => ({ on, selection: 'home' })) },
  { name: 'about', type: 'double-stakes-about', at: 'start', legs: [{ on: 0, selection: 'home' }, { on: 1, selection: 'draw' }] },
  { name: 'edge-end', type: 'single', at: 'end', legs: [{ on: 0, selection: 'home' }] },
  { name: 'treble', type: 'treble', at: 'end', legs: [{ on: 0, selection: 'away' }, { on: 1, selection: 'home' }, { on: 2, selection: 'home' }] },
];
const windowMs = 2;
const unitMinor = 100;

async function openSide(name: string): Promise<Side> {
  const markets: Market[] = [];
  for (const on of [0, 1, 2]) markets.push(await openMarket(trader, `${name}-${on}`));
  const bettor = await openBettor(world, 10_000);
  return { bettor: { ...bettor, send: patient(bettor.send) }, markets, struck: [] };
}

async function strike({ bettor, markets, struck }: Side, at: Struck['at']): Promise<void> {
  for (const slip of slips.filter((each) => each.at === at)) {
    const legs = slip.legs.map(({ on, selection }) => markets[on]?.leg(selection) ?? {});
    const body = { type: slip.type, currency: 'GBP', stakeMinor: unitMinor, legs };
    const { body: placed } = succeeded(await bettor.send('POST', '/v1/bets', { body, key: slip.name }));
    struck.push({ ...slip, betId: String(placed['betId']) });
  }
}

/** Times of messages are the producer's own: only their order says anything. */
function messagesOf(random: Random): readonly Message[] {
  const outcomes = (winner: string, more: JsonObject = {}) =>
    Object.keys(prices).map((selection) => ({ selection, result: selection === winner ? 1 : 0, ...(selection === winner ? more : {}) }));
  const settled = (on: number, timestamp: number, winner: string, more: JsonObject = {}): Message => {
    return { on, type: 'settlement', timestamp, certainty: random.pick([1, 2]), outcomes: outcomes(winner, more) };
  };
  const window = (): JsonObject => {
    return random.pick<JsonObject>([{}, { start: startMs, end: startMs + windowMs }, { start: startMs }, { end: startMs + windowMs }]);
  };
  const any = (): Message => {
    const [on, timestamp] = [random.below(3), 2_000 + random.below(6)];
    switch (random.below(6)) {
      case 0:
        return { on, type: 'rollback-settlement', timestamp, ...random.pick<JsonObject>([{}, { outcomes: [{ selection: 'home' }] }]) };
      case 1:
        return { on, type: 'cancel', timestamp, ...window() };
      case 2:
        return { on, type: 'rollback-cancel', timestamp, ...window() };
      default:
        return settled(on, timestamp, random.pick(Object.keys(prices)), random.pick<JsonObject>([{}, { voidFactor: 0.5 }, { deadHeatFactor: 0.5 }]));
    }
  };
  const wonLostWon = [settled(0, 2_000, 'home'), settled(0, 2_001, 'away'), settled(0, 2_002, 'home')];
  const never: Message = { on: 2, type: 'rollback-settlement', timestamp: 1_999 };
  const sameTime: Message[] = [settled(1, 2_003, 'home'), { on: 1, type: 'rollback-settlement', timestamp: 2_003 }];
  const edges: Message = { on: 0, type: 'cancel', timestamp: 2_001, start: startMs, end: startMs + windowMs };
  return [...wonLostWon, never, ...sameTime, edges, ...Array.from({ length: 2 + random.below(6) }, any)];
}

async function send({ markets }: Side, messages: readonly Message[], requestId?: number): Promise<void> {
  const sent = messages.map(({ on, ...said }) => onMarket(markets[on], said, requestId));
  const { body } = succeeded(await feed('POST', '/v1/feed', { body: { messages: sent } }));
  expect(body['messages']).toEqual(messages.map(() => expect.objectContaining({ version: expect.any(Number) })));
}

function onMarket(market: Market | undefined, said: JsonObject, requestId?: number): JsonObject {
  return { product: 1, fixture: market?.fixtureId ?? '', market: market?.marketId ?? '', ...said, ...(requestId !== undefined && { requestId }) };
}

async function everythingIsSettled(): Promise<void> {
  const { head } = succeeded(await admin('GET', '/admin/status')).body;
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const isDone = await until('', async () => {
      const { settlement, projections } = succeeded(await admin('GET', '/admin/status')).body;
      const { settledThrough } = (settlement as { settlement: { settledThrough: number } }).settlement;
      const { models } = projections as { models: readonly { lag: number }[] };
      return (settledThrough >= Number(head) && models.every(({ lag }) => lag === 0)) || undefined;
    }).catch(() => false);
    if (isDone) return;
  }
  throw new Error('the results are not settled');
}

/**
 * Of one account: each bet's state, return, rule set and leg results, then the balance and open stakes. An account is told of results when they decide
 * a bet or undo that, so the legs of an open bet say what was known then and are left out.
 */
async function ledgerOf({ bettor, struck }: Side): Promise<JsonObject> {
  const bets: JsonObject[] = [];
  for (const { name, betId } of struck) {
    const { status = '', returnMinor = null, returnExact = null, legs, ruleSet = '' } = succeeded(await bettor.send('GET', `/v1/bets/${betId}`)).body;
    const results = (legs as readonly JsonObject[]).map(({ result = '', voidFactor = null, winDeadHeat = null }) => ({ result, voidFactor, winDeadHeat }));
    bets.push({ name, status, returnMinor, returnExact, ruleSet, results: status === 'open' ? null : results });
  }
  const { balanceMinor = null, openStakesMinor = null, blocked = null } = succeeded(await bettor.send('GET', `/v1/accounts/${bettor.accountId}`)).body;
  return { bets, balanceMinor, openStakesMinor, blocked };
}

/** State and return of each bet by the arithmetic alone. */
function pure({ markets, struck }: Side, messages: readonly Message[]): readonly string[] {
  const lifecycle = new Lifecycle();
  for (const { name, type, at, legs } of struck) {
    const terms = legs.map(({ on, selection }) => {
      return { odds: prices[selection] ?? '', fixture: markets[on]?.fixtureId ?? '', market: markets[on]?.marketId ?? '', selection };
    });
    const bet = { id: name, currency: 'GBP', unitStake: String(unitMinor / 100), bet: { type }, legs: terms };
    lifecycle.line(JSON.stringify({ bet, acceptedAt: at === 'start' ? startMs : startMs + windowMs }));
  }
  for (const { on, ...said } of messages) lifecycle.line(JSON.stringify({ feed: onMarket(markets[on], said) }));
  return [...lifecycle.standings()].map((standing) => {
    if ('error' in standing) throw new Error(JSON.stringify(standing));
    return `${standing.id} ${standing.state === 'open' ? 'open' : standing.return}`;
  });
}

function paid(ledger: JsonObject): readonly string[] {
  const inMajor = (minor: unknown): string => String(Number(minor) / 100);
  const bets = ledger['bets'] as readonly JsonObject[];
  return bets.map(({ name, status, returnMinor }) => `${String(name)} ${status === 'open' ? 'open' : inMajor(returnMinor)}`);
}

test(`${histories} random histories through a server, seed ${seed}: any order and any repetition ends in the same ledger`, { timeout: 600_000 }, async () => {
  const random = seededRandom(seed);
  const sides: (readonly [Side, Side])[] = [];
  for (let at = 0; at < histories; at += 1) sides.push([await openSide(`h${at}`), await openSide(`h${at}-shuffled`)]);
  succeeded(await admin('POST', '/admin/clock', { body: { at: startIso } }));
  for (const side of sides.flat()) await strike(side, 'start');
  succeeded(await admin('POST', '/admin/clock', { body: { at: new Date(startMs + windowMs).toISOString() } }));
  for (const side of sides.flat()) await strike(side, 'end');

  const said: (readonly Message[])[] = [];
  for (const [ordered, shuffled] of sides) {
    const messages = messagesOf(random);
    said.push(messages);
    await send(ordered, messages);
    const from = random.below(messages.length);
    const replay = messages.slice(from, from + 1 + random.below(messages.length));
    const mixed = random.shuffled([...messages, ...replay]);
    // In pieces, so that results are settled between them; the replay of a recovery names who asked for it.
    const cut = random.below(mixed.length - 1) + 1;
    await send(shuffled, mixed.slice(0, cut));
    await send(shuffled, mixed.slice(cut));
    await send(shuffled, replay, 7);
  }
  await everythingIsSettled();

  for (const [at, [ordered, shuffled]] of sides.entries()) {
    const history = `history ${at}: ${JSON.stringify(said[at])}`;
    const ledger = await ledgerOf(ordered);
    expect(await ledgerOf(shuffled), history).toEqual(ledger);
    expect(paid(ledger), history).toEqual(pure(ordered, said[at] ?? []));
  }
  expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [], bets: histories * 2 * slips.length });
});
