/** All is done, and there is what `--fail-on-…` was to tell: exit code 3. */
export class OutliersFound extends Error {}
