/** The version of this library, as its package.json has it; saved guards say which one made them. */
export const version: string = '0.1.0';
