import { Option } from 'commander';
import { integer } from './integer.ts';
import { numberBetween } from './numberBetween.ts';

/** The options that several commands take: `command.addOption(seedOption())`. */

/** `--seed <n>`, 0 unless told otherwise. */
export function seedOption(of = 'every random choice'): Option {
  return new Option('--seed <n>', `seed of ${of}`).argParser(integer(0, Number.MAX_SAFE_INTEGER)).default(0);
}

/** `--workers <n>`; undefined for the machine's. */
export function workersOption(): Option {
  return new Option('--workers <n>', "worker threads, 0 for none (default: the machine's)").argParser(
    integer(0, 64),
  );
}

/** `--data <where>`, as `loadDatasets` takes it. */
export function dataOption(): Option {
  return new Option(
    '--data <where>',
    'a folder with mnist/ and fashion-mnist/, "sample" or "full" (default: full if found, else sample)',
  );
}

/** `--quick`, for a look at whether it works. `what` there is less of. */
export function quickOption(what: string): Option {
  return new Option('--quick', `fewer rows and ${what}, to see that it works`).default(false);
}

/** `--guard <file>`, which must be given. */
export function guardOption(): Option {
  return new Option('--guard <file>', 'the guard, as cauda guard fit wrote it').makeOptionMandatory();
}

/** `--confidence <share>` of a promise that the line before it in the help makes. */
export function confidenceOption(): Option {
  return new Option('--confidence <share>', 'the probability that this holds')
    .argParser(numberBetween(0, 1))
    .default(0.95);
}

/** `--out <file>` for figures, which are otherwise only printed. */
export function figuresOption(): Option {
  return new Option('--out <file>', 'all figures with their intervals, as JSON');
}
