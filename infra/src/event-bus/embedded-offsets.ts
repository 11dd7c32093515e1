// The file {dataDir}/bus.sqlite: how far the log is published, and where each group is. Used by embedded.ts.
// It holds no events and may be behind: what a crash or a power loss takes is published and consumed again.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Topic } from '@wagerline/shared-kernel/ports/event-bus';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { inTransaction, integer, Statements } from '../read-model-store/sqlite.ts';

const tables = `
  CREATE TABLE IF NOT EXISTS bus (only INTEGER PRIMARY KEY CHECK (only = 1), partition_count INTEGER NOT NULL, published INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS offsets (
    "group" TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY ("group", topic, partition)
  ) WITHOUT ROWID;
`;
const busyTimeoutMs = 5000;

export class EmbeddedOffsets {
  readonly #statements: Statements;
  readonly #partitionCount: number;

  constructor(dataDir: string, partitionCount: number) {
    assert(Number.isSafeInteger(partitionCount) && partitionCount > 0, 'the bus has at least one partition');
    mkdirSync(dataDir, { recursive: true });
    const db = new DatabaseSync(join(dataDir, 'bus.sqlite'), { timeout: busyTimeoutMs });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    this.#statements = new Statements(db);
    this.#partitionCount = partitionCount;
    inTransaction(db, () => {
      db.exec(tables);
      this.#statements.run('INSERT INTO bus VALUES (1, ?, 0) ON CONFLICT DO NOTHING', partitionCount);
    });
    const stored = integer(this.#statements.row('SELECT partition_count FROM bus')?.[0]);
    if (stored !== partitionCount) {
      db.close();
      const fixed = 'the count is fixed when the bus is made';
      throw new Error(`${dataDir}/bus.sqlite has ${stored} partitions, ${partitionCount} are configured: ${fixed}`);
    }
  }

  published(): number {
    return integer(this.#statements.row('SELECT published FROM bus')?.[0]);
  }

  setPublished(position: number): void {
    this.#statements.run('UPDATE bus SET published = max(published, ?)', position);
  }

  read(group: string, topic: Topic): (number | undefined)[] {
    const offsets = new Array<number | undefined>(this.#partitionCount).fill(undefined);
    const rows = this.#statements.rows('SELECT partition, "offset" FROM offsets WHERE "group" = ? AND topic = ?', group, topic);
    for (const row of rows) offsets[integer(row[0])] = integer(row[1]);
    return offsets;
  }

  write(group: string, topic: Topic, offsets: ReadonlyMap<number, number>): void {
    const set = this.#statements.get('INSERT OR REPLACE INTO offsets VALUES (?, ?, ?, ?)');
    inTransaction(this.#statements.db, () => {
      for (const [partition, offset] of offsets) set.run(group, topic, partition, offset);
    });
  }

  delete(group: string): void {
    this.#statements.run('DELETE FROM offsets WHERE "group" = ?', group);
  }

  close(): void {
    this.#statements.db.close();
  }
}
