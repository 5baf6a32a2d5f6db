/** Numbers by index: a typed array or a plain one. */
export type NumberArray = ArrayLike<number> & Iterable<number>;
