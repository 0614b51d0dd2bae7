// The code of a worker thread; scripts/generate.mjs makes it into a string. A new program is added to this list.
import { centersProgram } from './cluster/centers/program.ts';
import { lloydProgram } from './cluster/lloyd/program.ts';
import { silhouetteProgram } from './metrics/silhouetteProgram.ts';
import { incompleteProgram } from './mixture/missing/program.ts';
import { mixtureRowsProgram } from './mixture/model/program.ts';
import { emProgram } from './mixture/rows/program.ts';
import { mlpProgram } from './nn/program.ts';
import { serve } from './parallel/serve.ts';

serve([
  lloydProgram,
  centersProgram,
  emProgram,
  incompleteProgram,
  mixtureRowsProgram,
  mlpProgram,
  silhouetteProgram,
]);
