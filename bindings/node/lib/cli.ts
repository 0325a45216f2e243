#!/usr/bin/env node
// The command `onecors`, which the package installs.

import { native } from './native.js';

process.exitCode = native.cli(process.argv.slice(2));
