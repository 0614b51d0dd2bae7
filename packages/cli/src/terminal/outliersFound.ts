/** Thrown when all is done and there are outliers or alarms that `--fail-on-…` asks for. The exit code is 3. */
export class OutliersFound extends Error {}
