// ESLint: the few rules that types alone cannot hold. Called by `npm run check`; inline exceptions have no effect here.
// One TypeScript program over all packages (the root tsconfig) keeps the typed rules quick.

import tseslint from 'typescript-eslint';

const testFiles = ['**/*.test.ts'];
const pureFiles = ['shared-kernel/src/**/*.ts', '*/src/**/{decide,state,project}.ts'];

const environmentMessage = 'Only config.ts reads the environment; take what you need as an argument.';
const environment = { object: 'process', property: 'env', message: environmentMessage };
const environmentImports = ['node:process', 'process'].map((name) => ({ name, importNames: ['env'], message: environmentMessage }));

const injected = 'Time, ids and randomness arrive in the command: pure code never asks for them.';
const impureProperties = [
  ['Math', 'random'],
  ['Date', 'now'],
  ['performance', 'now'],
  ['process', 'hrtime'],
  ['crypto', 'randomUUID'],
  ['crypto', 'getRandomValues'],
].map(([object, property]) => ({ object, property, message: injected }));
const randomNames = ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'webcrypto'];
const randomImports = ['node:crypto', 'crypto'].map((name) => ({ name, importNames: randomNames, message: injected }));

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/*.mjs', 'reports/**'] },
  {
    files: ['*/src/**/*.ts', '*.config.ts'],
    extends: [tseslint.configs.base],
    linterOptions: { noInlineConfig: true },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-properties': ['error', environment],
      'no-restricted-imports': ['error', { paths: environmentImports }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // A default branch does not make up for a missing case: a new member of the union must break the build.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: false }],
    },
  },
  { files: ['**/config.ts'], rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' } },
  // What vitest provides to tests is typed by adding to its interface, which no type alias can do.
  { files: ['infra/src/testing/engines.ts'], rules: { '@typescript-eslint/consistent-type-definitions': 'off' } },
  {
    files: pureFiles,
    ignores: testFiles,
    rules: {
      'no-restricted-properties': ['error', environment, ...impureProperties],
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval', 'setImmediate', 'fetch'].map((name) => ({ name, message: injected }))],
      'no-restricted-imports': ['error', { paths: [...environmentImports, ...randomImports] }],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: injected },
        { selector: "CallExpression[callee.name='Date']", message: injected },
      ],
    },
  },
);
