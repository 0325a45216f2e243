'use strict';
// What the README shows is what the package does.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { it } = require('node:test');
const { Policy } = require('onecors');
const { Adapter } = require('../dist/adapter.js');
const { recorder } = require('./adapters.js');

const README = fs.readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8');
const [, DOCUMENT] = /^```json\n(.*?)^```$/ms.exec(README);
const shows = (text) => assert.ok(README.includes(`\`\`\`\n${text}\n\`\`\``), text);

it('has a document that loads', () => {
  assert.ok(Policy.fromJson(DOCUMENT).plans.length > 0);
});

it('shows a mistake', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'onecors-'));
  const file = path.join(folder, 'policy.json');
  fs.writeFileSync(file, '{"allow_origins": ["https://app.example.com/"]}');
  let shown;
  try {
    Policy.fromFile(file);
  } catch (error) {
    shown = String(error).replace(file, 'policy.json');
  }
  fs.rmSync(folder, { recursive: true });
  shows(shown);
});

it('shows a denial', () => {
  const logger = recorder();
  const adapter = new Adapter(Policy.fromJson(DOCUMENT), { logger });
  adapter.plan({ method: 'GET', path: '/', origin: 'http://app.example.com' });
  shows(logger.lines[0].replace('warn: ', ''));
});

it('has links that work on every page that shows it', () => {
  assert.deepEqual(README.match(/\]\((?!https:\/\/|#)[^)]*\)/g), null);
});
