// Who may import whom (dependency-cruiser). Called by `npm run check`, which also fails when a package was not read at all.
// The comment of each rule is what the offender gets to read. package `exports` and `turbo boundaries` hold the same line from their side.

const sides = ['command-side', 'projections', 'query-side'];
const tests = '\\.test\\.ts$|/(contract|testing)[a-z-]*\\.ts$|^(shared-kernel|infra)/src/testing/';
const pureFiles = '^shared-kernel/src/(values|betting|events|read-models)/|/(decide|state|project)\\.ts$';
const anyOf = (names) => `(^|node_modules/)(${names.join('|')})(/|$)`;

const engineClients = [
  '@eventstore/[^/]+', '@grpc/[^/]+', 'google-protobuf', '@kurrent/[^/]+',
  'kafkajs', '@confluentinc/[^/]+', 'node-rdkafka', 'mongodb', 'mongoose', 'redis', '@redis/[^/]+',
  'ioredis', '@elastic/[^/]+', '@opensearch-project/[^/]+', 'better-sqlite3', 'sqlite3', 'pg',
];
const testLibraries = ['vitest', 'fast-check'];

/** Third-party packages that a folder may use; everything else is a finding. */
const libraries = {
  'shared-kernel': ['zod'],
  infra: [...engineClients, 'zod', 'express', 'pino', 'jose', 'prom-client', 'testcontainers', '@opentelemetry/[^/]+'],
  'command-side': ['zod', 'express'],
  projections: ['zod'],
  'query-side': ['zod', 'express'],
  scripts: ['zod', 'express', 'csv-parse', 'typescript', 'yaml', 'ajv'],
};

const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });
const notImport = (name, folder, others, comment) => rule(name, comment, { path: `^${folder}/` }, { path: `^(@wagerline/)?(${others.join('|')})/` });

const inward = [
  notImport('kernel-imports-nothing', 'shared-kernel', ['infra', ...sides, 'scripts'], 'shared-kernel imports nothing of ours.'),
  notImport('infra-imports-kernel', 'infra', [...sides, 'scripts'], 'infra imports shared-kernel alone.'),
  ...sides.map((side) =>
    notImport(
      `${side}-stands-alone`,
      side,
      [...sides.filter((other) => other !== side), 'scripts'],
      'The three sides meet through events and read models only, and never import each other or a tool.',
    ),
  ),
];

const thirdParty = [
  ...Object.entries(libraries).map(([folder, names]) =>
    rule(
      `libraries-of-${folder}`,
      `${folder} may use of others: ${names.join(', ')}, and in tests ${testLibraries.join(', ')}.`,
      { path: `^${folder}/` },
      { path: 'node_modules/', pathNot: anyOf([...names, ...testLibraries]) },
    ),
  ),
  rule('test-libraries-in-tests', 'vitest and fast-check belong to tests.', { path: '/src/', pathNot: tests }, { path: anyOf(testLibraries) }),
  rule('engines-in-infra', 'Engine clients and node:sqlite live in infra.', { pathNot: '^infra/' }, { path: `^(node:)?sqlite$|${anyOf(engineClients)}` }),
  rule(
    'express-at-the-edge',
    'express lives in infra, http-app.ts and routes.ts, and in the benchmark that measures it bare.',
    { path: '/src/', pathNot: '^infra/|/(http-app|routes)\\.ts$|^scripts/src/bench' },
    { path: anyOf(['express']) },
  ),
];

const within = [
  rule(
    'values-import-values',
    'values is the innermost folder.',
    { path: '^shared-kernel/src/values/', pathNot: tests },
    { path: '^shared-kernel/src/(?!values/)' },
  ),
  rule(
    'pure-without-io',
    'Pure code (values, betting, events, read-models, decide, state, project) touches no file, clock, socket or thread.',
    { path: pureFiles, pathNot: tests },
    { dependencyTypes: ['core'], pathNot: '^(node:)?(assert(/strict)?|crypto)$' },
  ),
  rule(
    'pure-without-infra',
    'decide, state and project know shared-kernel alone.',
    { path: '/(decide|state|project)\\.ts$' },
    { path: '^(@wagerline/)?infra/' },
  ),
  rule('tests-outside', 'Nothing but tests imports tests.', { path: '/src/', pathNot: `${tests}|^scripts/` }, { path: tests }),
  rule('no-circle', 'Files that import each other in a circle cannot be read one after another.', {}, { circular: true }),
  rule('resolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
];

export default {
  forbidden: [...inward, ...thirdParty, ...within],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
