export { npySource } from './npySource.ts';
export { type ReadMatrixOptions, readMatrixFile } from './readMatrixFile.ts';
export { writeFileAtomic } from './writeFileAtomic.ts';
