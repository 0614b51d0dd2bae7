import { posix } from 'node:path';

/**
 * The rooms of a package's src: folders, and files that are a room of their own. A file is in the room with the longest
 * name that fits it; "." are the files of src itself.
 */
export interface Plan {
  /** The packages/NAME/src that is meant. */
  readonly source: string;
  /** What each room may import besides itself: rooms, "room/*" for a room with all that is inside, "*" for all. */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
  /** The modules outside the package that each room may import, none for a room without a line; left out: any. */
  readonly outside?: Readonly<Record<string, readonly string[]>>;
}

/** One import: of a file of src by its path from there, or of a module by its name. */
export interface Arrow {
  readonly file: string;
  readonly imported: string;
}

/** All imports of the files, of types too. @param files their texts by their paths from src, which have slashes */
export function arrowsOf(files: ReadonlyMap<string, string>): Arrow[] {
  const imports = /^(?:import|export)\b[^;'"]*? from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(imports)].map(([, from, bare, dynamic]) => {
      const path = (from ?? bare ?? dynamic)!;
      return { file, imported: path.startsWith('.') ? posix.join(posix.dirname(file), path) : path };
    }),
  );
}

/** The imports that the plan does not allow, a sentence each, with file, import and rule. */
export function breaches(arrows: readonly Arrow[], plan: Plan, files: Iterable<string>): string[] {
  const known = new Set(files);
  return arrows.flatMap(({ file, imported }) => {
    const room = roomOf(file, plan);
    const says = (rule: string): string[] => [`${plan.source}/${file} imports ${imported}: ${rule}`];
    if (room === undefined) return []; // `homeless` says so
    if (imported.startsWith('../')) return says('a package is imported by its public name');
    if (!known.has(imported)) {
      const modules = plan.outside?.[room] ?? [];
      if (!plan.outside || modules.includes(imported)) return [];
      return says(`outside the package "${room}" may import ${list(modules)}`);
    }
    const to = roomOf(imported, plan);
    if (to === undefined || allows(plan.rooms[room]!, room, to)) return [];
    return says(`"${room}" may import ${list(plan.rooms[room]!)}, and this is in "${to}"`);
  });
}

/** Files that are in no room of the plan, and rooms of the plan without a file. */
export function homeless(files: Iterable<string>, plan: Plan): string[] {
  const used = new Set<string>();
  const lost: string[] = [];
  for (const file of files) {
    const room = roomOf(file, plan);
    if (room === undefined) lost.push(`${plan.source}/${file} is in no room; give its folder a line`);
    else used.add(room);
  }
  const empty = Object.keys(plan.rooms).filter((room) => !used.has(room));
  return [...lost, ...empty.map((room) => `${plan.source} has no file in the room "${room}"`)];
}

/** Files that import themselves by way of others: "a → b → a". */
export function circles(arrows: readonly Arrow[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const next = new Map<string, Arrow[]>();
  for (const arrow of arrows) next.set(arrow.file, [...(next.get(arrow.file) ?? []), arrow]);
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const { imported } of next.get(file) ?? []) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}

function roomOf(file: string, { rooms }: Plan): string | undefined {
  const fitting = Object.keys(rooms).filter((room) =>
    room === '.' ? !file.includes('/') : file === room || file.startsWith(`${room}/`),
  );
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function allows(allowed: readonly string[], from: string, to: string): boolean {
  return (
    from === to ||
    allowed.some((entry) => {
      if (entry === '*' || entry === to) return true;
      return entry.endsWith('/*') && `${to}/`.startsWith(entry.slice(0, -1));
    })
  );
}

const list = (names: readonly string[]): string => (names.length ? names.join(', ') : 'nothing');
