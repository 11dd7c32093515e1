// Holds a market view back for a bounded while: how tools rehearse a view that is behind. Never reachable in production mode.

import type { MarketView } from './market-view.ts';

export class ViewHold {
  readonly #view: Pick<MarketView, 'hold'>;
  #release: (() => void) | undefined;

  constructor(view: Pick<MarketView, 'hold'>) {
    this.#view = view;
  }

  /** Lets go by itself after so many milliseconds. */
  hold(forMs: number): void {
    this.release();
    this.#release = this.#view.hold();
    setTimeout(() => this.release(), forMs).unref();
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
