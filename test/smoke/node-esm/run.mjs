import { cauda, copy, install, node } from '../tools.mjs';

install(cauda);
copy(import.meta.url, 'consumer.mjs');
node('consumer.mjs');
