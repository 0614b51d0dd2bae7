/** How the terminal and the report write figures. */

/** 60000 → "60,000". */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with `digits` decimals and its thousands separated, or "–" if there is none. */
export function fixed(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const [whole, decimals] = Math.abs(value).toFixed(digits).split('.') as [string, string?];
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (decimals ? `.${decimals}` : '');
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** 0.9532 → "95.3 %". */
export function percent(share: number, digits = 1): string {
  return `${fixed(share * 100, digits)} %`;
}

/** 0.05 → "5 %", 0.0001 → "0.01 %", with at most three significant digits. */
export function share(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`;
}

/** "0.4 s", "12.0 s", "3 min 20 s". */
export function duration(seconds: number): string {
  if (seconds < 0.095) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 119.5) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** 0.0000412 → "41 µs". */
export function microseconds(seconds: number): string {
  return `${count(seconds * 1e6)} µs`;
}

/** 2345678 → "2.3 MB". */
export function megabytes(bytes: number): string {
  return `${fixed(bytes / 1e6, 1)} MB`;
}

/** "4", "4 and 9", "4, 7 and 9". */
export function list(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** 1, "start" → "1 start"; 2, "start" → "2 starts". */
export function plural(n: number, one: string, several = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : several}`;
}
