#!/usr/bin/env node
import { cli } from './cli.ts';

// the reader of our output has gone, as in `cauda study | head`
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await cli(process.argv.slice(2));
