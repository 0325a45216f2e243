import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

const node = {
  Blob: 'readonly',
  Buffer: 'readonly',
  console: 'readonly',
  gc: 'readonly',
  Headers: 'readonly',
  process: 'readonly',
  Request: 'readonly',
  Response: 'readonly',
  setImmediate: 'readonly',
  setTimeout: 'readonly',
  structuredClone: 'readonly',
  TextEncoder: 'readonly',
  URL: 'readonly',
};

export default defineConfig(
  globalIgnores(['dist/']),
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [js.configs.recommended],
    languageOptions: { globals: node },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { ...node, __dirname: 'readonly', module: 'readonly', require: 'readonly' },
    },
  },
  {
    files: ['lib/**'],
    extends: [js.configs.recommended, typescript.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // The one place that loads a file whose path is known only when it runs.
    files: ['lib/native.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
