// The embedded event log in a temporary folder, for tests of other packages.

export { openTemporaryLog, type TemporaryLog } from '../event-store/temporary-log.ts';
