import js from '@eslint/js';
import { defineConfig } from 'eslint/config';

export default defineConfig({
  extends: [js.configs.recommended],
  languageOptions: {
    globals: { Buffer: 'readonly', console: 'readonly', process: 'readonly', URL: 'readonly' },
  },
});
