// `npm run ledger -- verify`: proves that no penny is lost, from the log alone and then against the read models.

import { runTool, UsageError } from './cli.ts';
import { dataDirOption, runJob, withServer } from './server/with-server.ts';
import type { VerifiedLedger } from './ledger/verify-ledger.ts';

await runTool({
  name: 'ledger',
  says: `Proves the ledger: all postings sum to zero, wallets and open stakes agree with them, every bet has at most one settlement
in force, no balance is below zero but by a reversal, and the read models agree with the log.`,
  operands: 'verify',
  options: { 'data-dir': dataDirOption },
  async run(given, output) {
    if (given.operands.join(' ') !== 'verify') throw new UsageError('the one thing to do is: verify');
    const verified = await withServer(given.text('data-dir'), async ({ admin }) => {
      return (await runJob(admin, { kind: 'ledger-verify' }, output, (progress) => `verifying ${JSON.stringify(progress)}`)) as VerifiedLedger;
    });
    if (given.json) output.json(verified);
    else for (const line of described(verified)) output.line(line);
    return verified.ok;
  },
});

function described(verified: VerifiedLedger): readonly string[] {
  const { events, position, accounts, bets, openBets, settlements, reversals } = verified;
  return [
    `${events} events up to position ${position}: ${accounts} accounts, ${bets} bets (${openBets} open), ${settlements} settlements, ${reversals} reversals`,
    ...Object.entries(verified.sums).map(([currency, sums]) => {
      const total = Object.values(sums).reduce((sum, amount) => sum + amount, 0);
      return `${currency}: ${Object.entries(sums).map(([account, amount]) => `${account} ${amount}`).join(', ')}; sum ${total}`;
    }),
    ...verified.blockedAccounts.map(({ accountId, balanceMinor }) => `blocked: account ${accountId} at ${balanceMinor}, by a reversal`),
    ...verified.findings.map(({ rule, subject, position: at, detail }) => `WRONG ${rule}: ${subject} at ${at}: ${detail}`),
    verified.ok ? 'the ledger is right' : `the ledger is WRONG: ${verified.findings.length} findings`,
  ];
}
