// The faults that a tool must see: each as edits of our sources, small enough to be read as "this is what goes wrong".
// Used by crash-test on a copy of the sources, never on the tree itself. Every edit must find its text exactly once.

export type Edit = { readonly file: string; readonly find: string; readonly replace: string };
export type PlantedFault = { readonly says: string; readonly edits: readonly Edit[] };

export const faultNames = ['ack-before-commit', 'no-duplicate-check', 'normal-sync'] as const;
export type FaultName = (typeof faultNames)[number];

/** So wide that a kill at a random moment under load often falls into it. Only what bettors are told is early. */
const acknowledgedEarlyMs = 60;

const commit = `      committing = true;
      this.#events.exec('COMMIT');
`;
const commitThenReply = `    group.forEach(({ client }, index) => {
      const reply = replies[index];
      assert(reply !== undefined, 'every request of a group has its reply');
      client.replies.push(reply);
    });
`;
const reply = `      group.forEach(({ client }, index) => {
        const reply = replies[index];
        if (reply !== undefined) client.replies.push(reply);
      });
      for (const client of this.#clients) this.#tell(client);
      const isOfAccounts = group.some(({ request }) => request[0] === 'append' && request[2].startsWith('account-'));
      if (isOfAccounts) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${acknowledgedEarlyMs});
`;

export const plantedFaults: Readonly<Record<FaultName, PlantedFault>> = {
  'ack-before-commit': {
    says: 'the event log answers an append before its COMMIT',
    edits: [
      {
        file: 'infra/src/event-store/embedded-writer.ts',
        find: commit,
        replace: `${reply}${commit}`,
      },
      { file: 'infra/src/event-store/embedded-writer.ts', find: commitThenReply, replace: '' },
    ],
  },
  'no-duplicate-check': {
    says: 'a command is not looked up by its key, and the log does not know an event that it has already',
    edits: [
      {
        file: 'command-side/src/account/decide.ts',
        find: "    case 'PlaceBet':\n      return [keyOf(command.keyHash)];\n",
        replace: "    case 'PlaceBet':\n      return [];\n",
      },
      {
        file: 'infra/src/event-store/embedded-appender.ts',
        find: 'if (row === undefined || row[0] !== request[headerLength + index * fieldsPerEvent]) return',
        replace: 'if (row === undefined || row[0] !== undefined) return',
      },
    ],
  },
  'normal-sync': {
    says: 'the event log runs with synchronous=NORMAL: a COMMIT does not wait for the disk',
    edits: [
      { file: 'infra/src/event-store/embedded-schema.ts', find: 'PRAGMA synchronous = FULL;', replace: 'PRAGMA synchronous = NORMAL;' },
    ],
  },
};
