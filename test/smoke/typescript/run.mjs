import { cauda, copy, install, node, tool } from '../tools.mjs';

install(cauda);
copy(import.meta.url, 'consumer.ts', 'tsconfig.json');
node(tool('typescript/bin/tsc'), '--project', 'tsconfig.json');
