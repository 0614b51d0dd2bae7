import { Option } from 'commander';
import { integer } from './integer.ts';
import { numberBetween } from './numberBetween.ts';

/** The options that more than one command takes, as in `command.addOption(seedOption())`. */

/**
 * `--seed <n>`; defaults to 0.
 * @param of what is drawn at random
 */
export function seedOption(of = 'every random choice'): Option {
  return new Option('--seed <n>', `seed of ${of}`).argParser(integer(0, Number.MAX_SAFE_INTEGER)).default(0);
}

/** `--workers <n>`; without it, the library takes as many as the machine has. */
export function workersOption(): Option {
  return new Option(
    '--workers <n>',
    'worker threads, 0 for none (default: as many as the machine has)',
  ).argParser(integer(0, 64));
}

/** `--data <where>`, as `loadDatasets` takes it. */
export function dataOption(): Option {
  return new Option(
    '--data <where>',
    'a folder with mnist/ and fashion-mnist/, "sample" or "full" (default: full if found, else sample)',
  );
}

/**
 * `--quick`; defaults to false.
 * @param what there is less of, besides rows
 */
export function quickOption(what: string): Option {
  return new Option('--quick', `fewer rows and ${what}, to see that it works`).default(false);
}

/** `--guard <file>`, which is mandatory. */
export function guardOption(): Option {
  return new Option('--guard <file>', 'the guard, as cauda guard fit wrote it').makeOptionMandatory();
}

/** `--confidence <share>` of the promise that the option before it in the help makes; defaults to 0.95. */
export function confidenceOption(): Option {
  return new Option('--confidence <share>', 'how sure that promise is')
    .argParser(numberBetween(0, 1))
    .default(0.95);
}

/** `--out <file>`, for figures that are otherwise only printed. */
export function figuresOption(): Option {
  return new Option('--out <file>', 'where all figures with their intervals go, as JSON');
}
